#include "agent/netlink/pod_end.h"

#include <algorithm>

#include "agent/netlink/addresses.h"
#include "agent/netlink/ethtool.h"
#include "agent/netlink/links.h"
#include "agent/netlink/routes.h"

namespace sluice::netlink {
namespace {

// The gateway is on the link although no address of the pod shares a prefix with it; all else goes
// by it. The order matters: the second needs the first.
std::vector<Route> PodRoutes(const PodLinkSpec& spec, IfIndex device) {
  const Cidr gateway = Cidr::Host(spec.gateway);
  const Cidr everything = Cidr::Of(spec.gateway, 0);
  return {
      {.destination = gateway, .via = std::nullopt, .device = device, .source = std::nullopt},
      {.destination = everything, .via = spec.gateway, .device = device, .source = std::nullopt}};
}

Neighbour GatewayNeighbour(const PodLinkSpec& spec, IfIndex device) {
  return {.device = device, .address = spec.gateway, .mac = spec.gateway_mac};
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

Status CompareRouting(const RtnlSocket& rtnl, const PodLinkSpec& spec, IfIndex device,
                      std::vector<std::string>* differences) {
  SLUICE_ASSIGN_OR_RETURN(const auto routes,
                          Routes(rtnl, {.table = kMainTable, .family = spec.gateway.family()}));
  for (const Route& expected : PodRoutes(spec, device)) {
    if (Has(routes, expected)) continue;
    differences->push_back("no route to " + expected.destination.ToString() +
                           (expected.via ? " via " + expected.via->ToString() : ""));
  }
  SLUICE_ASSIGN_OR_RETURN(const auto neighbours, PermanentNeighbours(rtnl, device));
  if (!Has(neighbours, GatewayNeighbour(spec, device))) {
    differences->push_back("no permanent neighbour " + spec.gateway.ToString() + " at " +
                           spec.gateway_mac.ToString());
  }
  return Ok();
}

}  // namespace

Status ConfigurePodEnd(const NetnsSockets& pod, const PodLinkSpec& spec, Datapath datapath) {
  SLUICE_RETURN_IF_ERROR(SetLoopbackUp(pod.rtnl));
  SLUICE_ASSIGN_OR_RETURN(const Link link, FindLink(pod.rtnl, spec.ifname));
  if (datapath == Datapath::kNetdev) {
    SLUICE_RETURN_IF_ERROR(DisableTxChecksumOffload(pod.ioctl, spec.ifname));
  }
  for (const IpAddress& ip : spec.ips) {
    SLUICE_RETURN_IF_ERROR(AddAddress(pod.rtnl, link.index, InterfaceAddress::Host(ip)));
  }
  // Routes need a link that is up.
  SLUICE_RETURN_IF_ERROR(SetUp(pod.rtnl, link.index));
  for (const Route& route : PodRoutes(spec, link.index)) {
    SLUICE_RETURN_IF_ERROR(ReplaceRoute(pod.rtnl, route));
  }
  return ReplaceNeighbour(pod.rtnl, GatewayNeighbour(spec, link.index));
}

Result<std::vector<std::string>> PodEndDifferences(const NetnsSockets& pod, const PodLinkSpec& spec,
                                                   Datapath datapath) {
  SLUICE_ASSIGN_OR_RETURN(const Link link, FindLink(pod.rtnl, spec.ifname));
  std::vector<std::string> differences;
  CompareLink(link, spec, &differences);
  SLUICE_RETURN_IF_ERROR(CompareAddresses(pod.rtnl, spec, link.index, &differences));
  SLUICE_RETURN_IF_ERROR(CompareRouting(pod.rtnl, spec, link.index, &differences));
  if (datapath == Datapath::kNetdev) {
    SLUICE_ASSIGN_OR_RETURN(const bool offloads, HasTxChecksumOffload(pod.ioctl, spec.ifname));
    if (offloads) differences.push_back("transmit checksum offload is on");
  }
  return differences;
}

}  // namespace sluice::netlink
