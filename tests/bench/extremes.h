// Policies beyond what anybody should write: still exact.
#pragma once

#include "tests/bench/measure.h"

namespace sluice::bench {

// Figures of each: seconds (objects to flow-mods), flows, probes and wrong (verdicts of the flows
// that are not what the policy says).
Figures DistinctRules(size_t rules);
Figures WideRule(size_t cidrs);
Figures ManyPorts(size_t ports);
// Figures also: beyond (flows more than those of one such policy).
Figures SamePolicies(size_t policies);

}  // namespace sluice::bench
