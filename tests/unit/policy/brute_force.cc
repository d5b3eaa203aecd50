#include "tests/unit/policy/brute_force.h"

#include <algorithm>

namespace sluice::policy {
namespace {

using store::Direction;
using store::SelectorOperator;

bool Selects(const store::LabelSelector& selector, const store::Labels& labels) {
  for (const store::Requirement& requirement : selector.requirements) {
    const bool present = labels.count(requirement.key) > 0;
    bool listed = false;
    for (const std::string& value : requirement.values) {
      if (present && labels.at(requirement.key) == value) listed = true;
    }
    if (requirement.op == SelectorOperator::kIn && !listed) return false;
    if (requirement.op == SelectorOperator::kNotIn && listed) return false;
    if (requirement.op == SelectorOperator::kExists && !present) return false;
    if (requirement.op == SelectorOperator::kDoesNotExist && present) return false;
  }
  return true;
}

bool InPrefix(const Cidr& prefix, const IpAddress& address) {
  if (prefix.family() != address.family()) return false;
  for (uint8_t bit = 0; bit < prefix.length(); ++bit) {
    const size_t byte = bit / 8;
    const int shift = 7 - bit % 8;
    const int difference = prefix.network().bytes()[byte] ^ address.bytes()[byte];
    if ((difference >> shift & 1) != 0) return false;
  }
  return true;
}

bool InBlock(const store::IpBlock& block, const IpAddress& address) {
  if (!InPrefix(block.cidr, address)) return false;
  for (const Cidr& hole : block.except) {
    if (InPrefix(hole, address)) return false;
  }
  return true;
}

}  // namespace

bool BruteForce::IsPort(const store::PolicyPort& port, const Connection& connection) const {
  if (connection.ip_protocol != static_cast<uint8_t>(port.protocol)) return false;
  if (std::holds_alternative<std::monostate>(port.port)) return true;
  if (const auto* name = std::get_if<std::string>(&port.port)) {
    for (const LivePod* pod : OwnersOf(connection.destination)) {
      for (const store::ContainerPort& declared : pod->object.ports) {
        if (declared.name == *name && declared.protocol == port.protocol &&
            declared.number == connection.port) {
          return true;
        }
      }
    }
    return false;
  }
  const uint16_t first = std::get<uint16_t>(port.port);
  return connection.port >= first && connection.port <= port.end.value_or(first);
}

BruteForce::BruteForce(const fakes::ClusterState& state) {
  for (const auto& [key, object] : state.objects) {
    if (const auto* ns = std::get_if<store::Namespace>(&object)) {
      namespaces_[ns->name] = ns->labels;
    } else if (const auto* policy = std::get_if<store::NetworkPolicy>(&object)) {
      policies_.push_back(*policy);
    } else {
      const auto& pod = std::get<store::Pod>(object);
      if (pod.host_network == store::HostNetwork::kYes) continue;
      if (pod.phase == store::PodPhase::kSucceeded) continue;
      if (pod.phase == store::PodPhase::kFailed) continue;
      pods_.push_back({pod, pod.ips, false});
    }
  }
  for (const auto& [id, endpoint] : state.endpoints) {
    for (LivePod& pod : pods_) {
      if (pod.object.key != endpoint.pod) continue;
      const bool same =
          endpoint.pod_uid.empty() || pod.object.uid.empty() || endpoint.pod_uid == pod.object.uid;
      if (!same) continue;
      if (!pod.local) pod.ips.clear();
      pod.local = true;
      pod.ips.insert(pod.ips.end(), endpoint.ips.begin(), endpoint.ips.end());
    }
  }
}

std::vector<const BruteForce::LivePod*> BruteForce::OwnersOf(const IpAddress& address) const {
  std::vector<const LivePod*> owners;
  bool any_local = false;
  for (const LivePod& pod : pods_) {
    if (std::find(pod.ips.begin(), pod.ips.end(), address) == pod.ips.end()) continue;
    owners.push_back(&pod);
    any_local = any_local || pod.local;
  }
  if (any_local) std::erase_if(owners, [](const LivePod* pod) { return !pod->local; });
  return owners;
}

bool BruteForce::IsPeer(const store::NetworkPolicy& policy, const store::Peer& peer,
                        const IpAddress& address) const {
  if (peer.ip_block) return InBlock(*peer.ip_block, address);
  for (const LivePod* pod : OwnersOf(address)) {
    const std::string& ns = pod->object.key.ns;
    if (peer.namespace_selector) {
      if (namespaces_.count(ns) == 0) continue;
      if (!Selects(*peer.namespace_selector, namespaces_.at(ns))) continue;
    } else if (ns != policy.key.ns) {
      continue;
    }
    if (!peer.pod_selector || Selects(*peer.pod_selector, pod->object.labels)) return true;
  }
  return false;
}

BruteForce::Side BruteForce::JudgeSide(Direction direction, const Connection& connection) const {
  const bool egress = direction == Direction::kEgress;
  const IpAddress& own = egress ? connection.source : connection.destination;
  const IpAddress& other = egress ? connection.destination : connection.source;
  Side side;
  for (const store::NetworkPolicy& policy : policies_) {
    const auto& rules = egress ? policy.egress : policy.ingress;
    if (!rules) continue;
    bool selected = false;
    for (const LivePod* pod : OwnersOf(own)) {
      selected = selected || (pod->local && pod->object.key.ns == policy.key.ns &&
                              Selects(policy.pod_selector, pod->object.labels));
    }
    if (!selected) continue;
    side.isolated = true;
    for (const store::PolicyRule& rule : *rules) {
      bool peer_matches = rule.peers.empty();
      for (const store::Peer& peer : rule.peers) {
        peer_matches = peer_matches || IsPeer(policy, peer, other);
      }
      bool port_matches = rule.ports.empty();
      for (const store::PolicyPort& port : rule.ports) {
        port_matches = port_matches || IsPort(port, connection);
      }
      if (peer_matches && port_matches) side.allowed = true;
    }
  }
  if (!side.isolated) side.allowed = true;
  return side;
}

BruteVerdict BruteForce::Judge(const Connection& connection) const {
  const Side egress = JudgeSide(Direction::kEgress, connection);
  const Side ingress = JudgeSide(Direction::kIngress, connection);
  return {egress.isolated, egress.allowed, ingress.isolated, ingress.allowed};
}

}  // namespace sluice::policy
