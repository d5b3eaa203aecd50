#include "agent/pipeline/owner.h"

namespace sluice::pipeline {
namespace {

// In the upper half of a service owner's id, above the port mask.
constexpr uint64_t kLaterFragmentsBit = 0x10000;

}  // namespace

OwnerId AddressOwner(policy::Side side, const Cidr& prefix) {
  const auto family = static_cast<uint16_t>(prefix.family());
  return {Category::kAddress, static_cast<uint8_t>(side),
          static_cast<uint16_t>(family << 8 | prefix.length()), ofctl::ToBits(prefix.network())};
}

OwnerId ClassOwner(policy::Side side, policy::ClassId id) {
  return {Category::kClass, static_cast<uint8_t>(side), 0, {0, id.value}};
}

OwnerId RuleOwner(store::Direction direction, policy::RuleId id) {
  return {Category::kRule, static_cast<uint8_t>(direction), 0, {0, id.value}};
}

OwnerId ServiceOwner(store::Direction direction, const policy::ServiceMatch& service) {
  const bool fragments = service.part == policy::ServiceMatch::Part::kLaterFragments;
  return {Category::kService,
          static_cast<uint8_t>(direction),
          static_cast<uint16_t>(service.protocol),
          {fragments ? kLaterFragmentsBit : service.port.mask, service.port.value}};
}

OwnerId EndpointOwner(const store::AttachmentId& id) {
  return {Category::kEndpoint,
          0,
          0,
          {StableHash(id.ifname), StableHash(id.container_id + "\n" + id.ifname)}};
}

Cidr PrefixOf(const OwnerId& address) {
  const auto family = static_cast<IpFamily>(address.extra >> 8);
  const auto length = static_cast<uint8_t>(address.extra & 0xff);
  if (family == IpFamily::kIPv4) {
    return Cidr::Of(IpAddress::FromV4(static_cast<uint32_t>(address.id.lo)), length);
  }
  IpAddress::Bytes bytes{};
  for (size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<uint8_t>(address.id.hi >> (56 - 8 * i));
    bytes[i + 8] = static_cast<uint8_t>(address.id.lo >> (56 - 8 * i));
  }
  return Cidr::Of(IpAddress::FromV6(bytes), length);
}

policy::ServiceMatch ServiceOf(const OwnerId& service) {
  return {static_cast<store::Protocol>(service.extra),
          {static_cast<uint16_t>(service.id.lo), static_cast<uint16_t>(service.id.hi)},
          (service.id.hi & kLaterFragmentsBit) != 0 ? policy::ServiceMatch::Part::kLaterFragments
                                                    : policy::ServiceMatch::Part::kPorts};
}

std::string ToString(const OwnerId& owner) {
  const std::string side = owner.kind == 0 ? " (source)" : " (destination)";
  const std::string direction = owner.kind == 0 ? " (ingress)" : " (egress)";
  switch (owner.category) {
    case Category::kStatic:
      return "the static flows";
    case Category::kNode:
      return "the node's ports";
    case Category::kEndpoint:
      return "an endpoint";
    case Category::kAddress:
      return "address " + PrefixOf(owner).ToString() + side;
    case Category::kClass:
      return "class " + std::to_string(owner.id.lo) + side;
    case Category::kRule:
      return "rule " + std::to_string(owner.id.lo) + direction;
    case Category::kService:
      return "service " + ServiceOf(owner).ToString() + direction;
  }
  return "?";
}

}  // namespace sluice::pipeline
