// The metrics that are read off the agent's state when somebody asks: nothing is counted for them
// beside the counters that the parts keep anyway. The cost is that of the pods of this node and the
// watches, not of the cluster.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "agent/metrics/process_reading.h"
#include "agent/reconcile/desired_state.h"
#include "agent/reconcile/flow_reconciler.h"
#include "agent/reconcile/megaflow_purge.h"
#include "agent/status/facts.h"

namespace sluice::metrics {

std::vector<prometheus::MetricFamily> FamiliesOf(const reconcile::DesiredState& desired,
                                                 const reconcile::FlowReconciler& reconciler);
// Without values if there is none.
std::vector<prometheus::MetricFamily> FamiliesOf(const reconcile::MegaflowPurge* purge);
std::vector<prometheus::MetricFamily> FamiliesOf(const status::AgentFacts& facts);
std::vector<prometheus::MetricFamily> FamiliesOf(const ProcessReading& process);

}  // namespace sluice::metrics
