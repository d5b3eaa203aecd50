// EndpointFlows: gate, spoof guard, ARP and forwarding of one pod of this node. Pure.
#pragma once

#include "agent/pipeline/owner.h"
#include "agent/store/cluster_store.h"

namespace sluice::pipeline {

// No flows while the endpoint is closed or has no ofport: its packets then end at the Classifier,
// and packets to it at L3Forward.
OwnedFlows RenderEndpoint(const store::EndpointState& state, const MacAddress& gateway_mac);

}  // namespace sluice::pipeline
