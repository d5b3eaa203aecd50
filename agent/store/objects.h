// What Sluice keeps of the Kubernetes objects: only the fields it uses, already validated.
// Decoders (agent/decode) make them; everything after reads them.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/store/label_selector.h"
#include "ofctl/base/hash.h"
#include "ofctl/base/ip.h"

namespace sluice::store {

struct ObjectKey {
  std::string ns;  // empty for a cluster-scoped object
  std::string name;

  std::string ToString() const { return ns.empty() ? name : ns + "/" + name; }
  friend auto operator<=>(const ObjectKey&, const ObjectKey&) = default;
};

// For tables; not the same in every process.
struct ObjectKeyHash {
  size_t operator()(const ObjectKey& key) const {
    const std::hash<std::string_view> hash;
    return CombineHash(hash(key.ns), hash(key.name));
  }
};

struct Namespace {
  std::string name;
  // With kubernetes.io/metadata.name, which the apiserver sets on every namespace.
  Labels labels;

  friend bool operator==(const Namespace&, const Namespace&) = default;
};

enum class Protocol : uint8_t { kTcp = 6, kUdp = 17, kSctp = 132 };

// "TCP"
std::string_view ToString(Protocol protocol);

struct ContainerPort {
  std::string name;  // may be empty
  Protocol protocol = Protocol::kTcp;
  uint16_t number = 0;

  friend auto operator<=>(const ContainerPort&, const ContainerPort&) = default;
};

enum class PodPhase : uint8_t { kPending, kRunning, kSucceeded, kFailed, kUnknown };
enum class HostNetwork : uint8_t { kNo, kYes };

struct Pod {
  ObjectKey key;
  std::string uid;
  Labels labels;
  std::string node;  // spec.nodeName, may be empty
  HostNetwork host_network = HostNetwork::kNo;
  PodPhase phase = PodPhase::kPending;
  std::vector<IpAddress> ips;  // status.podIPs
  // Of containers and of restartable init containers (sidecars).
  std::vector<ContainerPort> ports;

  friend bool operator==(const Pod&, const Pod&) = default;
};

struct IpBlock {
  Cidr cidr;
  std::vector<Cidr> except;  // sorted, unique

  bool Contains(const IpAddress& address) const;
  std::string ToString() const;
  friend auto operator<=>(const IpBlock&, const IpBlock&) = default;
};

// One entry of `from` or `to`. Exactly one shape: an ipBlock, or selectors (at least one of them).
struct Peer {
  std::optional<IpBlock> ip_block;
  // Absent: the policy's own namespace.
  std::optional<LabelSelector> namespace_selector;
  // Absent: all pods of the selected namespaces.
  std::optional<LabelSelector> pod_selector;

  friend auto operator<=>(const Peer&, const Peer&) = default;
};

// One entry of `ports`. No port: every port of the protocol. `end` is inclusive and >= `port`.
struct PolicyPort {
  Protocol protocol = Protocol::kTcp;
  std::variant<std::monostate, uint16_t, std::string> port;  // none, number, name
  std::optional<uint16_t> end;

  friend auto operator<=>(const PolicyPort&, const PolicyPort&) = default;
};

struct PolicyRule {
  std::vector<Peer> peers;        // empty: any peer
  std::vector<PolicyPort> ports;  // empty: any port of any protocol

  friend auto operator<=>(const PolicyRule&, const PolicyRule&) = default;
};

enum class Direction : uint8_t { kIngress, kEgress };

std::string_view ToString(Direction direction);

// With the apiserver's defaults applied (policyTypes, protocol). Rules of a direction that is not
// in policyTypes are dropped by the decoder: they mean nothing (netpol rule 11).
struct NetworkPolicy {
  ObjectKey key;
  LabelSelector pod_selector;
  // Absent: the policy does not isolate in that direction. Empty: isolates, allows nothing.
  std::optional<std::vector<PolicyRule>> ingress;
  std::optional<std::vector<PolicyRule>> egress;

  const std::optional<std::vector<PolicyRule>>& rules(Direction direction) const {
    return direction == Direction::kIngress ? ingress : egress;
  }
  friend bool operator==(const NetworkPolicy&, const NetworkPolicy&) = default;
};

// Means routes, never policy: the addresses of its pods come from the pods themselves.
struct Node {
  std::string name;
  std::vector<IpAddress> internal_ips;  // status.addresses of type InternalIP
  std::vector<Cidr> pod_cidrs;          // at most one a family, IPv4 first; may be empty

  friend bool operator==(const Node&, const Node&) = default;
};

enum class ObjectKind : uint8_t { kNamespace, kPod, kNetworkPolicy, kNode };

std::string_view ToString(ObjectKind kind);

using Object = std::variant<Namespace, Pod, NetworkPolicy, Node>;

ObjectKind KindOf(const Object& object);
ObjectKey KeyOf(const Object& object);

// The present truth about one object: absent means that it does not exist (any more). There is no
// "added" or "modified": the receiver compares with what it had.
struct StoreEvent {
  ObjectKind kind;
  ObjectKey key;
  std::optional<Object> object;

  friend bool operator==(const StoreEvent&, const StoreEvent&) = default;
};

}  // namespace sluice::store
