// The routes to the pods of other nodes, in the kernel's main table. Only routes that carry our own
// protocol number are ever changed; they stay when the agent goes.
#pragma once

#include <string>
#include <vector>

#include "agent/netlink/routes.h"
#include "agent/nodes/peer_nodes.h"

namespace sluice::netlink {

// `proto 115` in ip-route(8); no other program is known to use it (rt_protos of iproute2).
constexpr RouteProtocol kNodeRoute{115};

// The networks that this namespace is on, by its main table, and its own global addresses; not what
// `but_not`, the devices of the pods' own network, lead to.
Result<nodes::ConnectedNetworks> FindConnectedNetworks(const std::vector<std::string>& but_not);

struct RouteSync {
  size_t added = 0;
  size_t removed = 0;
  std::vector<std::string> problems;  // one for each route that is not as it should be
  bool is_whole = true;               // false: more than one call may change; call again
};

// Makes our routes exactly `wanted` (sorted), in no more than `at_most` changes. What fails is no
// change: more calls would not mend it.
Result<RouteSync> SyncNodeRoutes(const std::vector<nodes::NodeRoute>& wanted, size_t at_most);

}  // namespace sluice::netlink
