#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "agent/netlink/addresses.h"
#include "agent/netlink/links.h"
#include "agent/netlink/pod_network.h"
#include "agent/netlink/routes.h"
#include "agent/netlink/rules.h"
#include "agent/netlink/sysctl.h"

namespace sluice::netlink {
namespace {

// Of the table with the one route a family for what the node itself originates, and of the rule
// that leads there, well before the main table's (32766). No number below 32766 has a meaning of
// its own.
constexpr TableId kLocalOriginTable{4800};
constexpr uint32_t kLocalOriginPreference = 4800;

// The next hop of every route to pods: an address that is never routed (RFC 3927, RFC 4291) and
// that nobody has. The switch forwards by IP address and writes the MACs itself.
constexpr IpAddress kNextHopIPv4 = IpAddress::FromV4(0xa9fe0101);  // 169.254.1.1
constexpr IpAddress kNextHopIPv6 =
    IpAddress::FromV6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
constexpr MacAddress kNextHopMac({0x0a, 0x58, 0, 0, 0, 1});  // as of 0.0.0.1: no pod's

IpAddress NextHop(IpFamily family) {
  return family == IpFamily::kIPv4 ? kNextHopIPv4 : kNextHopIPv6;
}

struct Devices {
  IfIndex gateway;
  IfIndex local;
};

// What one family is configured with; nothing if the pods have no addresses of it.
struct FamilySpec {
  IpFamily family;
  std::optional<NodeNetwork> network;
};

FamilySpec SpecOf(const GatewaySpec& spec, IpFamily family) {
  for (const NodeNetwork& network : spec.networks) {
    if (network.gateway.family() == family) return {.family = family, .network = network};
  }
  return {.family = family, .network = std::nullopt};
}

// The addresses of the device are `wanted`, and no others of that family.
Status SetAddresses(const RtnlSocket& rtnl, IfIndex device, IpFamily family,
                    const std::vector<InterfaceAddress>& wanted) {
  SLUICE_ASSIGN_OR_RETURN(const auto found, GlobalAddresses(rtnl, device));
  for (const InterfaceAddress& address : found) {
    if (address.address.family() != family) continue;
    if (std::find(wanted.begin(), wanted.end(), address) != wanted.end()) continue;
    SLUICE_RETURN_IF_ERROR(DeleteAddress(rtnl, device, address));
  }
  for (const InterfaceAddress& address : wanted) {
    SLUICE_RETURN_IF_ERROR(AddAddress(rtnl, device, address));
  }
  return Ok();
}

Status EnsureUp(const RtnlSocket& rtnl, const Link& link) {
  return link.is_up ? Ok() : SetUp(rtnl, link.index);
}

// Of the main table only routes by the next hop are ours, of the other one all.
bool IsOurs(const Route& route, IfIndex device) {
  if (route.table == kLocalOriginTable) return true;
  return route.device == device && route.via == NextHop(route.destination.family());
}

Status EnsureOnlyRoute(const RtnlSocket& rtnl, const RouteQuery& query, IfIndex device,
                       const std::optional<Route>& wanted) {
  SLUICE_ASSIGN_OR_RETURN(const auto found, Routes(rtnl, query));
  bool is_there = false;
  for (const Route& route : found) {
    if (!IsOurs(route, device)) continue;
    if (route == wanted) {
      is_there = true;
    } else if (!wanted || route.destination != wanted->destination) {
      SLUICE_RETURN_IF_ERROR(DeleteRoute(rtnl, route));
    }
  }
  return is_there || !wanted ? Ok() : ReplaceRoute(rtnl, *wanted);
}

Status EnsureOnlyRule(const RtnlSocket& rtnl, const FamilySpec& spec) {
  std::optional<LocalOriginRule> wanted;
  if (spec.network) {
    wanted = {.preference = kLocalOriginPreference,
              .destination = spec.network->pod_cidr,
              .table = kLocalOriginTable};
  }
  SLUICE_ASSIGN_OR_RETURN(const auto found,
                          RulesFor(rtnl, {.table = kLocalOriginTable, .family = spec.family}));
  bool is_there = false;
  for (const FoundRule& entry : found) {
    if (!is_there && entry.is_local_origin && entry.rule == wanted) {
      is_there = true;
    } else {
      SLUICE_RETURN_IF_ERROR(DeleteRule(rtnl, entry.rule));
    }
  }
  return is_there || !wanted ? Ok() : AddRule(rtnl, *wanted);
}

// The route to the pods by `device`, the only one of ours in its table.
Status EnsureRoute(const RtnlSocket& rtnl, const FamilySpec& spec, TableId table, IfIndex device) {
  const IpAddress next_hop = NextHop(spec.family);
  std::optional<Route> wanted;
  if (spec.network) {
    wanted = {.table = table,
              .destination = spec.network->pod_cidr,
              .via = next_hop,
              .device = device,
              .source = spec.network->gateway};
    SLUICE_RETURN_IF_ERROR(
        ReplaceNeighbour(rtnl, {.device = device, .address = next_hop, .mac = kNextHopMac}));
  }
  return EnsureOnlyRoute(rtnl, {.table = table, .family = spec.family}, device, wanted);
}

Status ConfigureFamily(const RtnlSocket& rtnl, const Devices& devices, const FamilySpec& spec) {
  SLUICE_RETURN_IF_ERROR(SetAddresses(rtnl, devices.local, spec.family, {}));
  std::vector<InterfaceAddress> addresses;
  if (spec.network) addresses.push_back(InterfaceAddress::Host(spec.network->gateway));
  SLUICE_RETURN_IF_ERROR(SetAddresses(rtnl, devices.gateway, spec.family, addresses));
  SLUICE_RETURN_IF_ERROR(EnsureRoute(rtnl, spec, kMainTable, devices.gateway));
  // The route before the rule: in between, nothing is led into an empty table.
  SLUICE_RETURN_IF_ERROR(EnsureRoute(rtnl, spec, kLocalOriginTable, devices.local));
  return EnsureOnlyRule(rtnl, spec);
}

Status SetSysctlsIPv4(const GatewaySpec& spec) {
  const std::string conf = "net/ipv4/conf/";
  SLUICE_RETURN_IF_ERROR(SetSysctl({.path = "net/ipv4/ip_forward", .value = "1"}));
  // A device redirects if it or `all` says so (ip-sysctl): the rest of the node is not to be
  // changed by more than that.
  SLUICE_RETURN_IF_ERROR(SetSysctl({.path = conf + "all/send_redirects", .value = "0"}));
  // What a pod writes into a source route would be a way around the switch's verdict.
  SLUICE_RETURN_IF_ERROR(SetSysctl({.path = conf + "all/accept_source_route", .value = "0"}));
  for (const std::string& device : {spec.gateway_ifname, spec.local_ifname}) {
    SLUICE_RETURN_IF_ERROR(
        SetSysctl({.path = conf + device + "/accept_source_route", .value = "0"}));
    SLUICE_RETURN_IF_ERROR(SetSysctl({.path = conf + device + "/send_redirects", .value = "0"}));
    // Loose: the way back to a pod is by LOCAL, what comes from it arrives at the gateway.
    SLUICE_RETURN_IF_ERROR(SetSysctl({.path = conf + device + "/rp_filter", .value = "2"}));
  }
  return Ok();
}

Status SetSysctlsIPv6(const GatewaySpec& spec) {
  const std::string conf = "net/ipv6/conf/";
  SLUICE_RETURN_IF_ERROR(SetSysctl({.path = conf + "all/forwarding", .value = "1"}));
  for (const std::string& device : {spec.gateway_ifname, spec.local_ifname}) {
    SLUICE_RETURN_IF_ERROR(SetSysctl({.path = conf + device + "/disable_ipv6", .value = "0"}));
    SLUICE_RETURN_IF_ERROR(SetSysctl({.path = conf + device + "/accept_ra", .value = "0"}));
    // No routing header at all; 0 would accept one type. The smaller one of this and `all` holds.
    SLUICE_RETURN_IF_ERROR(
        SetSysctl({.path = conf + device + "/accept_source_route", .value = "-1"}));
  }
  return Ok();
}

Status CheckNetworks(const GatewaySpec& spec) {
  for (const NodeNetwork& network : spec.networks) {
    if (network.pod_cidr.family() == network.gateway.family()) continue;
    return Invalid("address " + network.gateway.ToString() + " is not of the family of " +
                   network.pod_cidr.ToString());
  }
  return Ok();
}

Status Configure(const GatewaySpec& spec) {
  SLUICE_RETURN_IF_ERROR(CheckNetworks(spec));
  SLUICE_ASSIGN_OR_RETURN(const RtnlSocket rtnl, RtnlSocket::Open());
  SLUICE_ASSIGN_OR_RETURN(const Link gateway, FindLink(rtnl, spec.gateway_ifname));
  SLUICE_ASSIGN_OR_RETURN(const Link local, FindLink(rtnl, spec.local_ifname));
  const FamilySpec ipv4 = SpecOf(spec, IpFamily::kIPv4);
  const FamilySpec ipv6 = SpecOf(spec, IpFamily::kIPv6);
  if (ipv4.network) SLUICE_RETURN_IF_ERROR(SetSysctlsIPv4(spec));
  if (ipv6.network) SLUICE_RETURN_IF_ERROR(SetSysctlsIPv6(spec));
  // A changed MAC, like a link that was down, has no neighbours left: both before the routes.
  if (gateway.mac != spec.mac) SLUICE_RETURN_IF_ERROR(SetMac(rtnl, gateway.index, spec.mac));
  SLUICE_RETURN_IF_ERROR(EnsureUp(rtnl, gateway));
  SLUICE_RETURN_IF_ERROR(EnsureUp(rtnl, local));
  const Devices devices{.gateway = gateway.index, .local = local.index};
  SLUICE_RETURN_IF_ERROR(ConfigureFamily(rtnl, devices, ipv4));
  return ConfigureFamily(rtnl, devices, ipv6);
}

}  // namespace

Status ConfigureGateway(const GatewaySpec& spec) {
  const Status configured = Configure(spec);
  return configured.ok() ? Ok() : configured.error().Context("gateway " + spec.gateway_ifname);
}

}  // namespace sluice::netlink
