// Routes and neighbour entries of one namespace (ip-route(8), ip-neighbour(8)).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "agent/netlink/links.h"

namespace sluice::netlink {

using TableId = StrongId<struct TableIdTag>;
constexpr TableId kMainTable{254};  // RT_TABLE_MAIN

struct Route {
  TableId table = kMainTable;
  Cidr destination;
  std::optional<IpAddress> via;  // absent: on the link, scope link
  IfIndex device;
  std::optional<IpAddress> source;

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
