// Routes and neighbour entries of one namespace (ip-route(8), ip-neighbour(8)).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "agent/netlink/links.h"

namespace sluice::netlink {

using TableId = StrongId<struct TableIdTag>;
constexpr TableId kMainTable{254};  // RT_TABLE_MAIN

// Who has added a route (rt_protos): RTPROT_STATIC, or a number that is nobody else's.
using RouteProtocol = StrongId<struct RouteProtocolTag, uint8_t>;
constexpr RouteProtocol kStaticRoute{4};

struct Route {
  TableId table = kMainTable;
  Cidr destination;
  std::optional<IpAddress> via;  // absent: on the link, scope link
  IfIndex device;                // 0: the one that `via` is on, which must be connected
  std::optional<IpAddress> source;
  RouteProtocol protocol = kStaticRoute;

  friend bool operator==(const Route&, const Route&) = default;
};

// Unicast routes with one next hop in that table.
struct RouteQuery {
  TableId table;
  IpFamily family;
};
Result<std::vector<Route>> Routes(const RtnlSocket& rtnl, const RouteQuery& query);
// Takes the place of a route to the same destination in the same table.
Status ReplaceRoute(const RtnlSocket& rtnl, const Route& route);
// Refused if there is a route to the same destination.
Status AddRoute(const RtnlSocket& rtnl, const Route& route);
// Whoever has added it.
Status DeleteRoute(const RtnlSocket& rtnl, const Route& route);

struct Neighbour {
  IfIndex device;
  IpAddress address;
  MacAddress mac;

  friend bool operator==(const Neighbour&, const Neighbour&) = default;
};

// As a permanent entry.
Status ReplaceNeighbour(const RtnlSocket& rtnl, const Neighbour& neighbour);
Result<std::vector<Neighbour>> PermanentNeighbours(const RtnlSocket& rtnl, IfIndex device);

}  // namespace sluice::netlink
