// PeerNodes: which routes lead to the pods of the other nodes, by what the Node objects say. Pure.
// A node's pods are reached by its InternalIP, which needs one link that both nodes are on.
#pragma once

#include <compare>
#include <map>
#include <string>
#include <vector>

#include "agent/store/objects.h"
#include "ofctl/base/ip.h"

namespace sluice::nodes {

struct NodeRoute {
  Cidr destination;  // a podCIDR of another node
  IpAddress via;     // its InternalIP, of the same family

  friend auto operator<=>(const NodeRoute&, const NodeRoute&) = default;
};

// A network that this node is on, and the node's own address there, if it is known.
struct ConnectedNetworks {
  std::vector<Cidr> prefixes;
  std::vector<IpAddress> own_addresses;
};

struct RoutePlan {
  std::vector<NodeRoute> routes;        // sorted; no two overlap
  std::vector<std::string> complaints;  // sorted; each names the Node
};

class PeerNodes {
 public:
  struct Self {
    std::string name;
    std::vector<Cidr> pod_cidrs;  // that this node's pods have got their addresses from
  };
  explicit PeerNodes(Self self) : self_(std::move(self)) {}

  // What is no Node is passed over. Whether anything is different now: most updates of a Node are
  // its heartbeat.
  bool Apply(const std::vector<store::StoreEvent>& events);

  RoutePlan Plan(const ConnectedNetworks& connected) const;
  // Of all nodes, this one too, routed or not; sorted.
  std::vector<Cidr> PodCidrs() const;

 private:
  struct Claim {
    Cidr cidr;
    const store::Node* node;  // null: this one
  };
  std::vector<Claim> Claims() const;

  Self self_;
  std::map<std::string, store::Node> nodes_;  // by name
};

}  // namespace sluice::nodes
