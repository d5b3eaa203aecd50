// Queries: what sluicectl asks, answered from the agent's state. JSON in, JSON out; no I/O.
//
//   {"method": "status"}     {"method": "endpoints"}     {"method": "classes"}
//   {"method": "rules"}      {"method": "verdicts", "queries": [{"source": "default/web",
//                             "destination": "10.0.0.5", "protocol": "tcp", "port": 80}]}
//   {"method": "why", "source": "default/web", "target": "10.0.0.5:80/tcp"}  see why_json.h
//
// The answer is {"result": ...} or {"error": "..."}.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "agent/reconcile/desired_state.h"
#include "agent/reconcile/flow_reconciler.h"
#include "agent/status/facts.h"
#include "agent/status/why.h"

namespace sluice::status {

class Queries {
 public:
  using Facts = std::function<AgentFacts()>;

  // Borrowed; must outlive the queries.
  Queries(const reconcile::DesiredState& desired, const reconcile::FlowReconciler& reconciler,
          Facts facts);

  std::string Answer(std::string_view request) const;

 private:
  const reconcile::DesiredState& desired_;
  const reconcile::FlowReconciler& reconciler_;
  Facts facts_;
};

}  // namespace sluice::status
