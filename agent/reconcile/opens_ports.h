// Which deltas say nothing new about packets that came before. Pure.
#pragma once

#include "ofctl/flow_diff.h"

namespace sluice::reconcile {

// True for a delta that does no more than to open ports: every flow of it is new, and is about a
// pod's port or address. What came for that address before was dropped or left by the gateway, so
// no megaflow lets through what these flows do not. False when in doubt.
//
// `installed` is what the switch held before.
bool OnlyOpensPorts(const ofctl::FlowDelta& delta, const ofctl::FlowMap& installed);

}  // namespace sluice::reconcile
