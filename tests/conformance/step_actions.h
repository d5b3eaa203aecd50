// What a step's actions do, as store events.
#pragma once

#include <vector>

#include "tests/conformance/case_objects.h"

namespace sluice::conformance {

// `state` is what the cluster looks like before the action; `listed` is the state that the file
// gives for after the step: a created pod's address and ports stand only there.
FieldResult<std::vector<store::StoreEvent>> ParseAction(const Value& action, const FieldPath& path,
                                                        const ClusterState& state,
                                                        const ClusterState& listed);

// The state before a step, of which only the one after it is listed: without what its actions
// create. What they relabel or update is taken to have been like that before.
FieldResult<ClusterState> StateBefore(const Value& actions, const FieldPath& path,
                                      const ClusterState& after);

}  // namespace sluice::conformance
