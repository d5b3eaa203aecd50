// HostGuard: keeps the host's own stack from seeing what pods send, where ovs-vswitchd only listens
// in on the links (userspace datapath). Without it the kernel would answer a pod's ARP and take
// packets for the host that Open vSwitch has dropped. The chain hooks in after the AF_PACKET taps:
// the switch still sees everything.
#pragma once

#include <string>

#include "agent/netlink/nft.h"
#include "ofctl/base/result.h"

namespace sluice::netlink {

// One chain per device, named after it, in `table netdev sluice` of the namespace it was made in.
class HostGuard {
 public:
  // The device must exist. Takes the place of a chain that a device of that name had before.
  Status Install(const std::string& device);
  // A chain or device that does not exist is a success.
  Status Remove(const std::string& device);
  Result<bool> IsInstalled(const std::string& device);

 private:
  Nft nft_;
};

}  // namespace sluice::netlink
