// ConntrackShortcut: a way for ofproto/trace past conntrack. A trace cannot pass it and keep the
// original tuple, so it starts behind it, as a tracked packet.
#pragma once

#include "agent/pipeline/node_ports.h"
#include "agent/pipeline/owner.h"

namespace sluice::conformance {

// Flows that take a tracked packet from the Classifier straight to ConntrackState, with the origin
// that its port has. What comes from a port is never tracked: in the agent's own use they could not
// match.
pipeline::OwnedFlows ConntrackShortcut(const pipeline::NodePorts& node);

}  // namespace sluice::conformance
