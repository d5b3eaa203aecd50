#include <algorithm>
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

// Of the table with the one route for what the node itself originates, and of the rule that leads
// there, well before the main table's (32766). No number below 32766 has a meaning of its own.
constexpr TableId kLocalOriginTable{4800};
constexpr uint32_t kLocalOriginPreference = 4800;

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

Status EnsureOnlyRoute(const RtnlSocket& rtnl, const Route& wanted) {
  SLUICE_ASSIGN_OR_RETURN(const auto found, Routes(rtnl, {.table = wanted.table,
                                                          .family = wanted.destination.family()}));
  bool is_there = false;
  for (const Route& route : found) {
    if (route == wanted) {
      is_there = true;
    } else if (route.destination != wanted.destination) {
      SLUICE_RETURN_IF_ERROR(DeleteRoute(rtnl, route));
    }
  }
  return is_there ? Ok() : ReplaceRoute(rtnl, wanted);
}

Status EnsureOnlyRule(const RtnlSocket& rtnl, const LocalOriginRule& wanted) {
  SLUICE_ASSIGN_OR_RETURN(
      const auto found,
      RulesFor(rtnl, {.table = wanted.table, .family = wanted.destination.family()}));
  bool is_there = false;
  for (const FoundRule& entry : found) {
    if (!is_there && entry.is_local_origin && entry.rule == wanted) {
      is_there = true;
    } else {
      SLUICE_RETURN_IF_ERROR(DeleteRule(rtnl, entry.rule));
    }
  }
  return is_there ? Ok() : AddRule(rtnl, wanted);
}

Status SetSysctls(const GatewaySpec& spec) {
  if (!spec.pod_cidr.network().is_v4()) {
    return SetSysctl({.path = "net/ipv6/conf/all/forwarding", .value = "1"});
  }
  const std::string conf = "net/ipv4/conf/";
  SLUICE_RETURN_IF_ERROR(SetSysctl({.path = "net/ipv4/ip_forward", .value = "1"}));
  // A device redirects if it or `all` says so (ip-sysctl): the rest of the node is not to be
  // changed by more than that.
  SLUICE_RETURN_IF_ERROR(SetSysctl({.path = conf + "all/send_redirects", .value = "0"}));
  for (const std::string& device : {spec.gateway_ifname, spec.local_ifname}) {
    SLUICE_RETURN_IF_ERROR(SetSysctl({.path = conf + device + "/send_redirects", .value = "0"}));
    // Loose: the way back to a pod is by LOCAL, what comes from it arrives at the gateway.
    SLUICE_RETURN_IF_ERROR(SetSysctl({.path = conf + device + "/rp_filter", .value = "2"}));
  }
  return Ok();
}

Status Configure(const GatewaySpec& spec) {
  const IpFamily family = spec.address.family();
  if (spec.pod_cidr.family() != family) {
    return Invalid("address " + spec.address.ToString() + " is not of the family of " +
                   spec.pod_cidr.ToString());
  }
  SLUICE_ASSIGN_OR_RETURN(const RtnlSocket rtnl, RtnlSocket::Open());
  SLUICE_ASSIGN_OR_RETURN(const Link gateway, FindLink(rtnl, spec.gateway_ifname));
  SLUICE_ASSIGN_OR_RETURN(const Link local, FindLink(rtnl, spec.local_ifname));
  SLUICE_RETURN_IF_ERROR(SetSysctls(spec));
  if (gateway.mac != spec.mac) SLUICE_RETURN_IF_ERROR(SetMac(rtnl, gateway.index, spec.mac));
  SLUICE_RETURN_IF_ERROR(SetAddresses(rtnl, local.index, family, {}));
  SLUICE_RETURN_IF_ERROR(
      SetAddresses(rtnl, gateway.index, family, {{spec.address, spec.pod_cidr.length()}}));
  SLUICE_RETURN_IF_ERROR(EnsureUp(rtnl, gateway));
  SLUICE_RETURN_IF_ERROR(EnsureUp(rtnl, local));
  // The route before the rule: in between, nothing is led into an empty table.
  SLUICE_RETURN_IF_ERROR(EnsureOnlyRoute(rtnl, {.table = kLocalOriginTable,
                                                .destination = spec.pod_cidr,
                                                .via = std::nullopt,
                                                .device = local.index,
                                                .source = spec.address}));
  return EnsureOnlyRule(rtnl, {.preference = kLocalOriginPreference,
                               .destination = spec.pod_cidr,
                               .table = kLocalOriginTable});
}

}  // namespace

Status ConfigureGateway(const GatewaySpec& spec) {
  const Status configured = Configure(spec);
  return configured.ok() ? Ok() : configured.error().Context("gateway " + spec.gateway_ifname);
}

}  // namespace sluice::netlink
