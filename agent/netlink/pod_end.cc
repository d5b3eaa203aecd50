#include "agent/netlink/pod_end.h"

#include <algorithm>

#include "agent/netlink/addresses.h"
#include "agent/netlink/ethtool.h"
#include "agent/netlink/links.h"
#include "agent/netlink/routes.h"
#include "agent/netlink/sysctl.h"

namespace sluice::netlink {
namespace {

bool HasFamily(const std::vector<IpAddress>& addresses, IpFamily family) {
  return std::ranges::find(addresses, family, &IpAddress::family) != addresses.end();
}

// Those of the families that the pod has addresses of.
std::vector<IpAddress> UsedGateways(const PodLinkSpec& spec) {
  std::vector<IpAddress> used = spec.gateways;
  std::erase_if(used,
                [&](const IpAddress& gateway) { return !HasFamily(spec.ips, gateway.family()); });
  return used;
}

// The gateway is on the link although no address of the pod shares a prefix with it; all else goes
// by it. The order matters: the second needs the first.
std::vector<Route> RoutesBy(const IpAddress& gateway, IfIndex device) {
  const Cidr host = Cidr::Host(gateway);
  const Cidr everything = Cidr::Of(gateway, 0);
  return {{.destination = host, .via = std::nullopt, .device = device, .source = std::nullopt},
          {.destination = everything, .via = gateway, .device = device, .source = std::nullopt}};
}

Status CheckFamilies(const PodLinkSpec& spec) {
  for (const IpAddress& ip : spec.ips) {
    if (!HasFamily(spec.gateways, ip.family())) {
      return Invalid("no gateway for address " + ip.ToString());
    }
  }
  return Ok();
}

// Before the link is up. Nobody tells a pod by router advertisement what its addresses and routes
// are, and its address does not change while it lives (RFC 8981): the switch knows that one only.
Status SetSysctls(const PodLinkSpec& spec) {
  const std::string conf = "net/ipv6/conf/" + spec.ifname + "/";
  const Status closed = SetSysctl({.path = conf + "accept_ra", .value = "0"});
  const bool wants_ipv6 = HasFamily(spec.ips, IpFamily::kIPv6);
  const bool has_no_ipv6 = !closed.ok() && closed.error().code() == ErrorCode::kNotFound;
  if (has_no_ipv6 && !wants_ipv6) return Ok();
  SLUICE_RETURN_IF_ERROR(closed);
  SLUICE_RETURN_IF_ERROR(SetSysctl({.path = conf + "use_tempaddr", .value = "0"}));
  // Runtimes turn IPv6 off in every new namespace.
  return wants_ipv6 ? SetSysctl({.path = conf + "disable_ipv6", .value = "0"}) : Ok();
}

template <typename T>
bool Has(const std::vector<T>& all, const T& one) {
  return std::ranges::find(all, one) != all.end();
}

Status SetLoopbackUp(const RtnlSocket& rtnl) {
  SLUICE_ASSIGN_OR_RETURN(const Link loopback, FindLink(rtnl, "lo"));
  return loopback.is_up ? Ok() : SetUp(rtnl, loopback.index);
}

std::string Mtu(uint32_t is, uint32_t expected) {
  return "MTU is " + std::to_string(is) + ", not " + std::to_string(expected);
}

void CompareLink(const Link& link, const PodLinkSpec& spec, std::vector<std::string>* differences) {
  if (link.mac != spec.mac) {
    differences->push_back("MAC address is " + link.mac.ToString() + ", not " +
                           spec.mac.ToString());
  }
  if (link.mtu != spec.mtu) differences->push_back(Mtu(link.mtu, spec.mtu));
  if (!link.is_up) differences->push_back("link is down");
}

Status CompareAddresses(const RtnlSocket& rtnl, const PodLinkSpec& spec, IfIndex device,
                        std::vector<std::string>* differences) {
  SLUICE_ASSIGN_OR_RETURN(const auto addresses, GlobalAddresses(rtnl, device));
  for (const IpAddress& ip : spec.ips) {
    const InterfaceAddress expected = InterfaceAddress::Host(ip);
    if (!Has(addresses, expected)) differences->push_back("no address " + expected.ToString());
  }
  for (const InterfaceAddress& found : addresses) {
    const bool is_host = found == InterfaceAddress::Host(found.address);
    if (!is_host || !Has(spec.ips, found.address)) {
      differences->push_back("foreign address " + found.ToString());
    }
  }
  return Ok();
}

Status CompareRouting(const RtnlSocket& rtnl, const Neighbour& gateway,
                      std::vector<std::string>* differences) {
  SLUICE_ASSIGN_OR_RETURN(const auto routes,
                          Routes(rtnl, {.table = kMainTable, .family = gateway.address.family()}));
  for (const Route& expected : RoutesBy(gateway.address, gateway.device)) {
    if (Has(routes, expected)) continue;
    differences->push_back("no route to " + expected.destination.ToString() +
                           (expected.via ? " via " + expected.via->ToString() : ""));
  }
  SLUICE_ASSIGN_OR_RETURN(const auto neighbours, PermanentNeighbours(rtnl, gateway.device));
  if (!Has(neighbours, gateway)) {
    differences->push_back("no permanent neighbour " + gateway.address.ToString() + " at " +
                           gateway.mac.ToString());
  }
  return Ok();
}

}  // namespace

Status ConfigurePodEnd(const NetnsSockets& pod, const PodLinkSpec& spec, Datapath datapath) {
  SLUICE_RETURN_IF_ERROR(CheckFamilies(spec));
  SLUICE_RETURN_IF_ERROR(SetLoopbackUp(pod.rtnl));
  SLUICE_RETURN_IF_ERROR(RunInNetns(pod.netns, [&] { return SetSysctls(spec); }));
  SLUICE_ASSIGN_OR_RETURN(const Link link, FindLink(pod.rtnl, spec.ifname));
  if (datapath == Datapath::kNetdev) {
    SLUICE_RETURN_IF_ERROR(DisableTxChecksumOffload(pod.ioctl, spec.ifname));
  }
  for (const IpAddress& ip : spec.ips) {
    SLUICE_RETURN_IF_ERROR(AddAddress(pod.rtnl, link.index, InterfaceAddress::Host(ip)));
  }
  // Routes need a link that is up.
  SLUICE_RETURN_IF_ERROR(SetUp(pod.rtnl, link.index));
  for (const IpAddress& gateway : UsedGateways(spec)) {
    for (const Route& route : RoutesBy(gateway, link.index)) {
      SLUICE_RETURN_IF_ERROR(ReplaceRoute(pod.rtnl, route));
    }
    SLUICE_RETURN_IF_ERROR(ReplaceNeighbour(
        pod.rtnl, {.device = link.index, .address = gateway, .mac = spec.gateway_mac}));
  }
  return Ok();
}

Result<std::vector<std::string>> PodEndDifferences(const NetnsSockets& pod, const PodLinkSpec& spec,
                                                   Datapath datapath) {
  SLUICE_ASSIGN_OR_RETURN(const Link link, FindLink(pod.rtnl, spec.ifname));
  std::vector<std::string> differences;
  CompareLink(link, spec, &differences);
  SLUICE_RETURN_IF_ERROR(CompareAddresses(pod.rtnl, spec, link.index, &differences));
  for (const IpAddress& gateway : UsedGateways(spec)) {
    SLUICE_RETURN_IF_ERROR(CompareRouting(
        pod.rtnl, {.device = link.index, .address = gateway, .mac = spec.gateway_mac},
        &differences));
  }
  if (datapath == Datapath::kNetdev) {
    SLUICE_ASSIGN_OR_RETURN(const bool offloads, HasTxChecksumOffload(pod.ioctl, spec.ifname));
    if (offloads) differences.push_back("transmit checksum offload is on");
  }
  return differences;
}

}  // namespace sluice::netlink
