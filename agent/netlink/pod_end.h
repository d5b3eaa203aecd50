// The pod's end of a link: what is configured inside the pod's network namespace.
#pragma once

#include <string>
#include <vector>

#include "agent/netlink/netns.h"
#include "agent/netlink/pod_network.h"
#include "ofctl/base/result.h"

namespace sluice::netlink {

// The device exists and has its MAC address and MTU. Sets it up, and the loopback device with it.
Status ConfigurePodEnd(const NetnsSockets& pod, const PodLinkSpec& spec, Datapath datapath);

// What is not as ConfigurePodEnd leaves it, one text each; a device that is gone is an error.
Result<std::vector<std::string>> PodEndDifferences(const NetnsSockets& pod, const PodLinkSpec& spec,
                                                   Datapath datapath);

}  // namespace sluice::netlink
