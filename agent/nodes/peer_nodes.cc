#include "agent/nodes/peer_nodes.h"

#include <algorithm>
#include <optional>

namespace sluice::nodes {
namespace {

std::string Family(const Cidr& cidr) { return cidr.family() == IpFamily::kIPv4 ? "IPv4" : "IPv6"; }

bool IsConnected(const ConnectedNetworks& connected, const IpAddress& address) {
  return std::ranges::any_of(connected.prefixes,
                             [&](const Cidr& prefix) { return prefix.Contains(address); });
}

// Where `node` is reached, or why it is not.
struct NextHop {
  std::optional<IpAddress> via;
  std::string why_not;
};

NextHop NextHopTo(const store::Node& node, const Cidr& cidr, const ConnectedNetworks& connected) {
  const std::string to = "no route to podCIDR " + cidr.ToString() + ": ";
  std::optional<IpAddress> first;
  for (const IpAddress& ip : node.internal_ips) {
    if (ip.family() != cidr.family()) continue;
    if (std::ranges::find(connected.own_addresses, ip) != connected.own_addresses.end()) {
      return {std::nullopt, to + "its InternalIP " + ip.ToString() + " is this node's own"};
    }
    if (IsConnected(connected, ip)) return {ip, ""};
    if (!first) first = ip;
  }
  if (!first) return {std::nullopt, to + "it has no " + Family(cidr) + " InternalIP"};
  return {std::nullopt, to + "its InternalIP " + first->ToString() +
                            " is on no network that this node is on; nodes need a common link, or "
                            "a fabric that knows the way to their pods"};
}

}  // namespace

bool PeerNodes::Apply(const std::vector<store::StoreEvent>& events) {
  bool changed = false;
  for (const store::StoreEvent& event : events) {
    if (event.kind != store::ObjectKind::kNode) continue;
    const auto known = nodes_.find(event.key.name);
    if (!event.object) {
      if (known == nodes_.end()) continue;
      nodes_.erase(known);
      changed = true;
      continue;
    }
    const auto& node = std::get<store::Node>(*event.object);
    if (known != nodes_.end() && known->second == node) continue;
    nodes_.insert_or_assign(event.key.name, node);
    changed = true;
  }
  return changed;
}

// Sorted by prefix: whatever overlaps stands together, the longest prefixes last.
std::vector<PeerNodes::Claim> PeerNodes::Claims() const {
  std::vector<Claim> claims;
  for (const Cidr& cidr : self_.pod_cidrs) claims.push_back({cidr, nullptr});
  for (const auto& [name, node] : nodes_) {
    if (name == self_.name) continue;
    for (const Cidr& cidr : node.pod_cidrs) claims.push_back({cidr, &node});
  }
  std::ranges::stable_sort(claims, {}, &Claim::cidr);
  return claims;
}

RoutePlan PeerNodes::Plan(const ConnectedNetworks& connected) const {
  RoutePlan plan;
  const auto complain = [&](const std::string& node, const std::string& why) {
    plan.complaints.push_back("Node " + node + ": " + why);
  };
  const auto self = nodes_.find(self_.name);
  if (self != nodes_.end() && self->second.pod_cidrs != self_.pod_cidrs) {
    complain(self_.name,
             "its podCIDRs are no longer those its pods have addresses of; restart the "
             "agent when its pods are gone");
  }
  for (const auto& [name, node] : nodes_) {
    if (node.pod_cidrs.empty()) complain(name, "has no podCIDRs: its pods cannot be reached");
  }
  const std::vector<Claim> claims = Claims();
  for (auto first = claims.begin(); first != claims.end();) {
    const auto end = std::find_if(first + 1, claims.end(), [&](const Claim& claim) {
      return !first->cidr.Contains(claim.cidr);
    });
    if (end - first > 1) {
      // Whose pods they are nobody can know, so none of them is led anywhere.
      for (auto claim = first; claim != end; ++claim) {
        const auto& other = claim == first ? *(first + 1) : *first;
        const std::string whose = other.node == nullptr ? "this node" : "Node " + other.node->name;
        complain(claim->node == nullptr ? self_.name : claim->node->name,
                 "its podCIDR " + claim->cidr.ToString() + " overlaps " + other.cidr.ToString() +
                     " of " + whose + "; no route to another node's");
      }
    } else if (first->node != nullptr) {
      const NextHop hop = NextHopTo(*first->node, first->cidr, connected);
      if (hop.via) plan.routes.push_back({first->cidr, *hop.via});
      if (!hop.via) complain(first->node->name, hop.why_not);
    }
    first = end;
  }
  std::ranges::sort(plan.complaints);
  return plan;
}

std::vector<Cidr> PeerNodes::PodCidrs() const {
  std::vector<Cidr> cidrs;
  for (const Claim& claim : Claims()) cidrs.push_back(claim.cidr);
  return cidrs;
}

}  // namespace sluice::nodes
