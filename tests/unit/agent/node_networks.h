// What a node's command line and Node object may say of its pods' networks.
#pragma once

#include "agent/netlink/pod_network.h"

namespace sluice {

inline const netlink::NodeNetwork kIPv4{.gateway = *ParseIp("10.244.0.1"),
                                        .pod_cidr = *ParseCidr("10.244.0.0/24")};
inline const netlink::NodeNetwork kIPv6{.gateway = *ParseIp("fd00:10:244::1"),
                                        .pod_cidr = *ParseCidr("fd00:10:244::/64")};

}  // namespace sluice
