#include "agent/store/objects.h"

#include <algorithm>

namespace sluice::store {

std::string_view ToString(Protocol protocol) {
  switch (protocol) {
    case Protocol::kTcp:
      return "TCP";
    case Protocol::kUdp:
      return "UDP";
    case Protocol::kSctp:
      return "SCTP";
  }
  return "?";
}

std::string_view ToString(Direction direction) {
  return direction == Direction::kIngress ? "ingress" : "egress";
}

std::string_view ToString(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kNamespace:
      return "Namespace";
    case ObjectKind::kPod:
      return "Pod";
    case ObjectKind::kNetworkPolicy:
      return "NetworkPolicy";
    case ObjectKind::kNode:
      return "Node";
  }
  return "?";
}

bool IpBlock::Contains(const IpAddress& address) const {
  return cidr.Contains(address) &&
         std::none_of(except.begin(), except.end(),
                      [&](const Cidr& hole) { return hole.Contains(address); });
}

std::string IpBlock::ToString() const {
  std::string text = cidr.ToString();
  for (size_t i = 0; i < except.size(); ++i) {
    text += (i == 0 ? " except " : ",") + except[i].ToString();
  }
  return text;
}

ObjectKind KindOf(const Object& object) { return static_cast<ObjectKind>(object.index()); }

ObjectKey KeyOf(const Object& object) {
  if (const auto* ns = std::get_if<Namespace>(&object)) return {"", ns->name};
  if (const auto* pod = std::get_if<Pod>(&object)) return pod->key;
  if (const auto* node = std::get_if<Node>(&object)) return {"", node->name};
  return std::get<NetworkPolicy>(object).key;
}

}  // namespace sluice::store
