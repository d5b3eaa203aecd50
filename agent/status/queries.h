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
#include <vector>

#include "agent/reconcile/desired_state.h"
#include "agent/reconcile/flow_reconciler.h"
#include "agent/status/why.h"

namespace sluice::status {

// What neither the desired state nor the reconciler knows.
struct AgentFacts {
  struct Source {
    std::string name;
    bool synced = false;
  };
  std::vector<Source> sources;
  std::vector<std::string> complaints;  // one line each
  SwitchNames names;
};

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
