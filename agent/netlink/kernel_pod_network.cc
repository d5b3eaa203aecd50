#include "agent/netlink/kernel_pod_network.h"

#include <glog/logging.h>
#include <net/if.h>

#include <algorithm>
#include <utility>

#include "agent/netlink/links.h"
#include "agent/netlink/netns.h"
#include "agent/netlink/pod_end.h"
#include "agent/netlink/sysctl.h"

namespace sluice::netlink {
namespace {

// What dev_valid_name() of the kernel accepts.
Status CheckDeviceName(const std::string& name) {
  const bool has_bad_byte = std::ranges::any_of(
      name, [](unsigned char c) { return c <= ' ' || c == '/' || c == ':' || c == 0x7f; });
  if (!name.empty() && name.size() < IFNAMSIZ && name != "." && name != ".." && !has_bad_byte) {
    return Ok();
  }
  return Invalid("not a device name: \"" + name + "\"");
}

std::string Subject(const PodLinkSpec& spec) { return spec.ifname + " in " + spec.netns; }

}  // namespace

Status KernelPodNetwork::Attach(const PodLinkSpec& spec) {
  SLUICE_RETURN_IF_ERROR(CheckDeviceName(spec.host_ifname));
  SLUICE_RETURN_IF_ERROR(CheckDeviceName(spec.ifname));
  SLUICE_ASSIGN_OR_RETURN(const RtnlSocket host, RtnlSocket::Open());
  SLUICE_RETURN_IF_ERROR(DeleteLink(host, spec.host_ifname));
  const Status attached = CreateAndConfigure(host, spec);
  if (attached.ok()) return Ok();
  const Status undone = Detach(spec.host_ifname);
  LOG_IF(WARNING, !undone.ok()) << "undoing the attachment of " << Subject(spec) << ": "
                                << undone.error().message();
  return attached.error().Context("attach " + Subject(spec));
}

Status KernelPodNetwork::CreateAndConfigure(const RtnlSocket& host, const PodLinkSpec& spec) {
  SLUICE_ASSIGN_OR_RETURN(const NetnsSockets pod, OpenNetns(spec.netns));
  SLUICE_RETURN_IF_ERROR(CreateVeth(host, {.name = spec.host_ifname,
                                           .peer_name = spec.ifname,
                                           .peer_netns = pod.netns.get(),
                                           .peer_mac = spec.mac,
                                           .mtu = spec.mtu}));
  SLUICE_RETURN_IF_ERROR(ConfigurePodEnd(pod, spec, datapath_));
  return ConfigureHostEnd(host, spec.host_ifname);
}

Status KernelPodNetwork::ConfigureHostEnd(const RtnlSocket& host, const std::string& host_ifname) {
  if (datapath_ == Datapath::kNetdev) SLUICE_RETURN_IF_ERROR(guard_.Install(host_ifname));
  // The host has no business on the link: no link-local address, no neighbour discovery, no ARP.
  const Status silenced =
      SetSysctl({.path = "net/ipv6/conf/" + host_ifname + "/disable_ipv6", .value = "1"});
  const bool has_no_ipv6 = !silenced.ok() && silenced.error().code() == ErrorCode::kNotFound;
  if (!silenced.ok() && !has_no_ipv6) return silenced;
  SLUICE_ASSIGN_OR_RETURN(const Link link, FindLink(host, host_ifname));
  return SetUpWithoutArp(host, link.index);
}

Status KernelPodNetwork::Detach(const std::string& host_ifname) {
  SLUICE_RETURN_IF_ERROR(CheckDeviceName(host_ifname));
  SLUICE_ASSIGN_OR_RETURN(const RtnlSocket host, RtnlSocket::Open());
  const Status deleted = DeleteLink(host, host_ifname);
  if (datapath_ != Datapath::kNetdev) return deleted;
  // While the link is there, so is its guard.
  return deleted.ok() ? guard_.Remove(host_ifname) : deleted;
}

Result<bool> KernelPodNetwork::IsAttached(const std::string& host_ifname) {
  SLUICE_ASSIGN_OR_RETURN(const RtnlSocket host, RtnlSocket::Open());
  const Result<Link> link = FindLink(host, host_ifname);
  if (link.ok()) return true;
  if (link.error().code() == ErrorCode::kNotFound) return false;
  return link.error();
}

Result<std::vector<std::string>> KernelPodNetwork::HostEndDifferences(const PodLinkSpec& spec) {
  SLUICE_ASSIGN_OR_RETURN(const RtnlSocket host, RtnlSocket::Open());
  SLUICE_ASSIGN_OR_RETURN(const Link link, FindLink(host, spec.host_ifname));
  std::vector<std::string> differences;
  if (!link.is_up) differences.push_back(spec.host_ifname + " is down");
  if (link.mtu != spec.mtu) {
    differences.push_back("MTU of " + spec.host_ifname + " is " + std::to_string(link.mtu) +
                          ", not " + std::to_string(spec.mtu));
  }
  if (datapath_ == Datapath::kNetdev) {
    SLUICE_ASSIGN_OR_RETURN(const bool guarded, guard_.IsInstalled(spec.host_ifname));
    if (!guarded) differences.push_back(spec.host_ifname + " has no guard");
  }
  return differences;
}

Status KernelPodNetwork::Check(const PodLinkSpec& spec) {
  const std::string what = "check " + Subject(spec);
  Result<NetnsSockets> pod = OpenNetns(spec.netns);
  if (!pod.ok()) return pod.error().Context(what);
  Result<std::vector<std::string>> differences = PodEndDifferences(*pod, spec, datapath_);
  if (!differences.ok()) return differences.error().Context(what);
  const Result<std::vector<std::string>> host = HostEndDifferences(spec);
  if (!host.ok()) return host.error().Context(what);
  differences->insert(differences->end(), host->begin(), host->end());
  if (differences->empty()) return Ok();
  std::string all;
  for (const std::string& one : *differences) all += (all.empty() ? "" : "; ") + one;
  return Refused(what + ": " + all);
}

}  // namespace sluice::netlink
