#include "agent/status/readiness.h"

namespace sluice::status {
namespace {

using reconcile::SyncState;

void AddSource(const AgentFacts::Source& source, std::vector<std::string>& lines) {
  if (source.synced) return;
  bool named = false;
  for (const AgentFacts::Watch& watch : source.watches) {
    if (watch.synced) continue;
    named = true;
    lines.push_back(source.name + ": " + watch.resource + ": " + watch.state +
                    (watch.trouble.empty() ? "" : ": " + watch.trouble));
  }
  if (!named) lines.push_back(source.name + ": not read yet");
}

void AddBridge(const AgentFacts& facts, const SwitchSync& bridge, std::vector<std::string>& lines) {
  const std::string name = "bridge " + facts.names.bridge + ": ";
  if (!facts.troubles.bridge.empty()) {
    lines.push_back(name + facts.troubles.bridge);
    return;
  }
  // Waiting for the sources: those lines say which.
  if (bridge.state == SyncState::kInSync || bridge.state == SyncState::kWaitingForSources) return;
  lines.push_back(name + "flows unknown (" + std::string(reconcile::ToString(bridge.state)) + ")" +
                  (bridge.last_error.empty() ? "" : ": " + bridge.last_error));
}

}  // namespace

std::vector<std::string> MissingForPods(const AgentFacts& facts, const SwitchSync& bridge) {
  std::vector<std::string> lines;
  AddSource(facts.objects, lines);
  if (!facts.troubles.database.empty()) {
    lines.push_back(facts.endpoints.name + ": " + facts.troubles.database);
  } else {
    AddSource(facts.endpoints, lines);
  }
  AddBridge(facts, bridge, lines);
  if (!facts.troubles.gateway.empty()) {
    lines.push_back("gateway " + facts.names.gateway_port + ": " + facts.troubles.gateway);
  }
  return lines;
}

}  // namespace sluice::status
