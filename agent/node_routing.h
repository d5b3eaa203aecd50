// NodeRouting: keeps the routes to the other nodes' pods, and what is masqueraded, as the Node
// objects say. Nothing is touched before all nodes are known, and all stays when the agent goes.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/netlink/masquerade.h"
#include "agent/nodes/peer_nodes.h"
#include "agent/store/objects.h"
#include "ofctl/base/ip.h"

namespace sluice {

class NodeRouting {
 public:
  struct Spec {
    nodes::PeerNodes::Self self;
    std::vector<std::string> pod_devices;  // lead to this node's own pods
    // Beside the networks of all pods; absent: nothing is masqueraded.
    std::optional<std::vector<Cidr>> not_masqueraded;
  };
  NodeRouting(boost::asio::io_context& io, Spec spec);

  // What changed; the first call has all nodes there are.
  void OnNodes(const std::vector<store::StoreEvent>& events);
  // All that is not as it should be now.
  const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  void Sync();
  void SyncMasquerade(std::vector<std::string>& complaints);
  // Whether more is to be done at once.
  bool SyncRoutes(std::vector<std::string>& complaints);
  void Tell(std::vector<std::string> complaints);

  Spec spec_;
  nodes::PeerNodes peers_;
  netlink::Masquerade masquerade_;
  std::optional<netlink::MasqueradeSpec> masquerade_installed_;
  bool masquerade_removed_ = false;
  bool synced_once_ = false;
  boost::asio::steady_timer timer_;
  std::vector<std::string> complaints_;
};

}  // namespace sluice
