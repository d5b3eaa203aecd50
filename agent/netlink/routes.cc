#include "agent/netlink/routes.h"

#include <glog/logging.h>
#include <linux/rtnetlink.h>
#include <netlink/route/neighbour.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>

namespace sluice::netlink {
namespace {

using NlRoute = std::unique_ptr<rtnl_route, Free<rtnl_route_put>>;
using NlNeighbour = std::unique_ptr<rtnl_neigh, Free<rtnl_neigh_put>>;

NlRoute Build(const Route& route) {
  NlRoute built(rtnl_route_alloc());
  rtnl_nexthop* hop = rtnl_route_nh_alloc();
  CHECK(built != nullptr && hop != nullptr) << "out of memory";
  const int family = AddressFamily(route.destination.family());
  rtnl_route_set_family(built.get(), static_cast<uint8_t>(family));
  rtnl_route_set_table(built.get(), route.table.value);
  rtnl_route_set_type(built.get(), RTN_UNICAST);
  rtnl_route_set_protocol(built.get(), route.protocol.value);
  rtnl_route_set_scope(built.get(), route.via ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK);
  CHECK_EQ(rtnl_route_set_dst(built.get(), ToNlAddr(route.destination).get()), 0);
  if (route.source) {
    const NlAddr source = ToNlAddr(Cidr::Host(*route.source));
    CHECK_EQ(rtnl_route_set_pref_src(built.get(), source.get()), 0);
  }
  rtnl_route_nh_set_ifindex(hop, route.device.value);
  if (route.via) {
    rtnl_route_nh_set_gateway(hop, ToNlAddr(Cidr::Host(*route.via)).get());
    // On the device whatever the other routes say of it (ip-route(8): onlink).
    if (route.device != IfIndex{}) rtnl_route_nh_set_flags(hop, RTNH_F_ONLINK);
  }
  rtnl_route_add_nexthop(built.get(), hop);  // owns it from here
  return built;
}

std::string What(const char* verb, const Route& route) {
  return std::string(verb) + " route to " + route.destination.ToString() +
         (route.via ? " via " + route.via->ToString() : "");
}

}  // namespace

Result<std::vector<Route>> Routes(const RtnlSocket& rtnl, const RouteQuery& query) {
  SLUICE_ASSIGN_OR_RETURN(
      const auto dump, NlDump<rtnl_route>::Of("list routes", [&](nl_cache** all) {
        return rtnl_route_alloc_cache(rtnl.get(), AddressFamily(query.family), 0, all);
      }));
  std::vector<Route> routes;
  for (rtnl_route* entry : dump) {
    if (rtnl_route_get_table(entry) != query.table.value) continue;
    if (rtnl_route_get_type(entry) != RTN_UNICAST || rtnl_route_get_nnexthops(entry) != 1) continue;
    rtnl_nexthop* hop = rtnl_route_nexthop_n(entry, 0);
    routes.push_back({.table = query.table,
                      .destination = PrefixFromNlAddr(rtnl_route_get_dst(entry), query.family),
                      .via = FromNlAddr(rtnl_route_nh_get_gateway(hop)),
                      .device = {rtnl_route_nh_get_ifindex(hop)},
                      .source = FromNlAddr(rtnl_route_get_pref_src(entry)),
                      .protocol = RouteProtocol{rtnl_route_get_protocol(entry)}});
  }
  return routes;
}

Status ReplaceRoute(const RtnlSocket& rtnl, const Route& route) {
  return NlStatus(rtnl_route_add(rtnl.get(), Build(route).get(), NLM_F_CREATE | NLM_F_REPLACE),
                  What("add", route));
}

Status AddRoute(const RtnlSocket& rtnl, const Route& route) {
  return NlStatus(rtnl_route_add(rtnl.get(), Build(route).get(), NLM_F_CREATE | NLM_F_EXCL),
                  What("add", route));
}

Status DeleteRoute(const RtnlSocket& rtnl, const Route& route) {
  const NlRoute built = Build(route);
  rtnl_route_set_protocol(built.get(), RTPROT_UNSPEC);
  return NlStatus(rtnl_route_delete(rtnl.get(), built.get(), 0), What("delete", route));
}

Status ReplaceNeighbour(const RtnlSocket& rtnl, const Neighbour& neighbour) {
  const NlNeighbour built(rtnl_neigh_alloc());
  CHECK(built != nullptr) << "out of memory";
  const NlAddr address = ToNlAddr(Cidr::Host(neighbour.address));
  const NlAddr mac = ToNlAddr(neighbour.mac);
  rtnl_neigh_set_ifindex(built.get(), neighbour.device.value);
  rtnl_neigh_set_state(built.get(), NUD_PERMANENT);
  rtnl_neigh_set_lladdr(built.get(), mac.get());
  CHECK_EQ(rtnl_neigh_set_dst(built.get(), address.get()), 0);
  return NlStatus(rtnl_neigh_add(rtnl.get(), built.get(), NLM_F_CREATE | NLM_F_REPLACE),
                  "add neighbour " + neighbour.address.ToString());
}

Result<std::vector<Neighbour>> PermanentNeighbours(const RtnlSocket& rtnl, IfIndex device) {
  SLUICE_ASSIGN_OR_RETURN(const auto dump,
                          NlDump<rtnl_neigh>::Of("list neighbours", [&](nl_cache** all) {
                            return rtnl_neigh_alloc_cache(rtnl.get(), all);
                          }));
  std::vector<Neighbour> neighbours;
  for (rtnl_neigh* entry : dump) {
    if (rtnl_neigh_get_ifindex(entry) != device.value) continue;
    if (rtnl_neigh_get_state(entry) != NUD_PERMANENT) continue;
    const auto address = FromNlAddr(rtnl_neigh_get_dst(entry));
    const auto mac = MacFromNlAddr(rtnl_neigh_get_lladdr(entry));
    if (address && mac) neighbours.push_back({device, *address, *mac});
  }
  return neighbours;
}

}  // namespace sluice::netlink
