// StaticFlows: what every node's bridge holds whatever is attached to it. Pure.
#pragma once

#include "agent/pipeline/node_ports.h"
#include "agent/pipeline/owner.h"

namespace sluice::pipeline {

OwnedFlows RenderStatic(SctpPorts sctp);

// The gates of the gateway port and of LOCAL, and what the pods' gateway is for them.
OwnedFlows RenderNode(const NodePorts& ports);

}  // namespace sluice::pipeline
