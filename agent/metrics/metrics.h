#pragma once

#include <string>

#include "agent/metrics/latencies.h"
#include "agent/reconcile/desired_state.h"
#include "agent/reconcile/flow_reconciler.h"
#include "agent/reconcile/megaflow_purge.h"
#include "agent/status/facts.h"

namespace sluice::metrics {

// Everything that is borrowed for one scrape.
struct Scraped {
  const reconcile::DesiredState& desired;
  const reconcile::FlowReconciler& reconciler;
  const reconcile::MegaflowPurge* purge;  // null: none is ever needed
  const status::AgentFacts& facts;
  const Latencies& latencies;
};

// Prometheus' text format 0.0.4, every metric of README.md.
std::string Exposition(const Scraped& scraped);

}  // namespace sluice::metrics
