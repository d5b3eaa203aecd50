// Readiness: what keeps pods from being attached.
#pragma once

#include <string>
#include <vector>

#include "agent/reconcile/sync_state.h"
#include "agent/status/facts.h"

namespace sluice::status {

struct SwitchSync {
  reconcile::SyncState state = reconcile::SyncState::kDisconnected;
  std::string last_error;
};

// One line for each thing that is missing: "apiserver https://...: pods: streaming list", "ovsdb
// /run/...: not connected". Empty: pods can be attached. A source that has been in sync once and is
// away now is not missing: what it told stays in force.
std::vector<std::string> MissingForPods(const AgentFacts& facts, const SwitchSync& bridge);

}  // namespace sluice::status
