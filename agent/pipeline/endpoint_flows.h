// EndpointFlows: gate, spoof guard, ARP, neighbour discovery and forwarding of one pod of this
// node, in both families. Pure.
#pragma once

#include "agent/pipeline/node_ports.h"
#include "agent/pipeline/owner.h"
#include "agent/store/cluster_store.h"

namespace sluice::pipeline {

// No flows while the endpoint is closed or has no ofport: its packets then end at the Classifier,
// and packets to it at L3Forward.
OwnedFlows RenderEndpoint(const store::EndpointState& state, const NodePorts& node);

}  // namespace sluice::pipeline
