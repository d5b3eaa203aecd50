// KernelPodNetwork: PodNetwork on Linux, by rtnetlink and nftables. Host ends are in the network
// namespace of the thread that makes and uses it.
#pragma once

#include <string>
#include <vector>

#include "agent/netlink/host_guard.h"
#include "agent/netlink/pod_network.h"
#include "agent/netlink/rtnl.h"

namespace sluice::netlink {

class KernelPodNetwork : public PodNetwork {
 public:
  explicit KernelPodNetwork(Datapath datapath) : datapath_(datapath) {}

  // NotFound if the pod's network namespace is not there, Invalid for names the kernel or nft would
  // not take, Refused with the kernel's answer otherwise.
  Status Attach(const PodLinkSpec& spec) override;
  Status Detach(const std::string& host_ifname) override;
  Result<bool> IsAttached(const std::string& host_ifname) override;
  Status Check(const PodLinkSpec& spec) override;

 private:
  Status CreateAndConfigure(const RtnlSocket& host, const PodLinkSpec& spec);
  Status ConfigureHostEnd(const RtnlSocket& host, const std::string& host_ifname);
  Result<std::vector<std::string>> HostEndDifferences(const PodLinkSpec& spec);

  Datapath datapath_;
  HostGuard guard_;
};

}  // namespace sluice::netlink
