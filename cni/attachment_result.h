// What the plugin makes of IPAM's result and the agent's response. Pure.
#pragma once

#include <vector>

#include "cni/env.h"
#include "cni/net_conf.h"
#include "cni/protocol.h"
#include "cni/types.h"

namespace sluice::cni {

// The request of `env.verb`, but for its deadline.
Request MakeRequest(const Env& env, const NetConf& conf, const AddResult& addresses);

// The result of ADD: both ends of the link, every address as a host address (the pod's only
// on-link neighbour is its gateway), IPAM's routes and the default routes the agent makes,
// one a family.
AddResult MakeResult(const Env& env, const NetConf& conf, const AddResult& addresses,
                     const Attached& attached);

// The part of prevResult that belongs to the pod's interface: its addresses. Empty if there is
// none.
AddResult OwnPart(const Env& env, const AddResult& previous);

}  // namespace sluice::cni
