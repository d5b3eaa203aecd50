#include "agent/network_flags.h"

#include <algorithm>
#include <string>
#include <utility>

namespace sluice {
namespace {

std::string Name(IpFamily family) { return family == IpFamily::kIPv4 ? "IPv4" : "IPv6"; }

Status CheckGateway(const IpAddress& gateway, const Cidr& pod_cidr) {
  if (!pod_cidr.Contains(gateway)) {
    return Invalid("--gateway: " + gateway.ToString() + " is not in --pod_cidr " +
                   pod_cidr.ToString());
  }
  // Pods are told apart by address; the first one names the network (RFC 4291, 2.6.1: all routers).
  if (gateway == pod_cidr.network()) {
    return Invalid("--gateway: " + gateway.ToString() + " is the address of --pod_cidr " +
                   pod_cidr.ToString() + " itself");
  }
  return Ok();
}

// After the one that names the network.
IpAddress FirstAddress(const Cidr& cidr) {
  if (cidr.family() == IpFamily::kIPv4) return IpAddress::FromV4(cidr.network().v4() + 1);
  IpAddress::Bytes bytes = cidr.network().bytes();
  ++bytes.back();
  return IpAddress::FromV6(bytes);
}

// One entry a family at most, IPv4 first.
template <typename T>
Result<std::vector<T>> ParsePerFamily(std::string_view text, Result<T> (*parse)(std::string_view)) {
  std::vector<T> entries;
  for (bool more = true; more;) {
    const size_t comma = text.find(',');
    more = comma != std::string_view::npos;
    SLUICE_ASSIGN_OR_RETURN(const T entry, parse(text.substr(0, comma)));
    text.remove_prefix(more ? comma + 1 : text.size());
    const auto same_family = [&](const T& other) { return other.family() == entry.family(); };
    if (std::ranges::any_of(entries, same_family)) {
      return Invalid(entry.ToString() + " is the second one of " + Name(entry.family()) +
                     "; one a family");
    }
    entries.push_back(entry);
  }
  std::ranges::sort(entries, {}, &T::family);
  return entries;
}

}  // namespace

Result<std::vector<netlink::NodeNetwork>> ParseNetworks(const NetworkFlags& flags) {
  const auto cidrs = ParsePerFamily<Cidr>(flags.pod_cidr, ParseCidr);
  if (!cidrs.ok()) return cidrs.error().Context("--pod_cidr");
  const auto gateways = ParsePerFamily<IpAddress>(flags.gateway, ParseIp);
  if (!gateways.ok()) return gateways.error().Context("--gateway");
  std::vector<netlink::NodeNetwork> networks;
  for (const Cidr& pod_cidr : *cidrs) {
    const auto gateway = std::ranges::find(*gateways, pod_cidr.family(), &IpAddress::family);
    if (gateway == gateways->end()) {
      return Invalid("--gateway: none of " + Name(pod_cidr.family()) + ", for --pod_cidr " +
                     pod_cidr.ToString());
    }
    SLUICE_RETURN_IF_ERROR(CheckGateway(*gateway, pod_cidr));
    networks.push_back({.gateway = *gateway, .pod_cidr = pod_cidr});
  }
  if (gateways->size() > cidrs->size()) {
    const IpFamily family = networks.front().gateway.family() == gateways->front().family()
                                ? gateways->back().family()
                                : gateways->front().family();
    return Invalid("--pod_cidr: none of " + Name(family) + ", though --gateway has one");
  }
  return networks;
}

Result<std::vector<netlink::NodeNetwork>> NetworksOf(const std::vector<Cidr>& pod_cidrs) {
  std::vector<netlink::NodeNetwork> networks;
  for (const Cidr& cidr : pod_cidrs) {
    constexpr uint8_t kLeastHostBits = 2;  // room for the gateway and a pod
    if (cidr.length() > AddressBits(cidr.family()) - kLeastHostBits) {
      return Invalid("podCIDR " + cidr.ToString() + " has no room for pods");
    }
    networks.push_back({.gateway = FirstAddress(cidr), .pod_cidr = cidr});
  }
  return networks;
}

Result<std::optional<std::vector<Cidr>>> ParseMasquerade(const MasqueradeFlags& flags) {
  std::vector<Cidr> except;
  for (const auto& [name, value] : {std::pair{"--cluster_cidr", flags.cluster_cidr},
                                    {"--no_masquerade_cidrs", flags.no_masquerade_cidrs}}) {
    for (std::string_view rest = value; !rest.empty();) {
      const size_t comma = std::min(rest.find(','), rest.size());
      const auto cidr = ParseCidr(rest.substr(0, comma));
      if (!cidr.ok()) return cidr.error().Context(name);
      except.push_back(*cidr);
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  if (!flags.masquerade) return std::optional<std::vector<Cidr>>();
  return std::optional(std::move(except));
}

}  // namespace sluice
