// SCTP where conntrack keeps no ports of it (SctpPorts::kFromHeader). Pure.
//
// The switch itself learns, for an association that the rules let in, one flow that knows its
// answers: the exact reverse of addresses and ports. Such a packet has its addresses exchanged on
// its way through conntrack, which then tells the opener's tuple for packets of both directions, as
// it does for TCP; reg7 holds the port that the opener asked for. So every packet is judged by the
// rules of its association, and a flow learned opens nothing by itself.
#pragma once

#include <vector>

#include "agent/pipeline/fields.h"
#include "ofctl/flow.h"

namespace sluice::pipeline {

// Conntrack to ConntrackState, and Commit of answers: nothing is learned from those.
std::vector<ofctl::Flow> SctpPath(uint64_t cookie);

// Commit of the associations that whoever is behind a port opens. `cookie` is that of the flows.
struct SctpOpener {
  uint32_t port;
  Origin origin;
  uint64_t cookie;
};
std::vector<ofctl::Flow> SctpLearning(const SctpOpener& opener);

// Whether the switch has learned this flow, as a dump or the flow monitor shows it. Such flows are
// the switch's own: nobody desires them, and nobody takes them away.
bool IsLearned(const ofctl::FlowKey& key, const ofctl::FlowBody& body);

}  // namespace sluice::pipeline
