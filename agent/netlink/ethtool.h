// Offloads of a device (SIOCETHTOOL, ethtool(8)).
#pragma once

#include <string>

#include "agent/netlink/netns.h"
#include "ofctl/base/result.h"

namespace sluice::netlink {

// ethtool -K DEVICE tx off, in the namespace of `ioctl`. The kernel then fills in every checksum
// before a packet leaves (and drops TSO, which needs the offload): ovs-vswitchd's userspace
// datapath passes packets on as they are, and half-done checksums would never be completed.
Status DisableTxChecksumOffload(const FileDescriptor& ioctl, const std::string& device);
Result<bool> HasTxChecksumOffload(const FileDescriptor& ioctl, const std::string& device);

}  // namespace sluice::netlink
