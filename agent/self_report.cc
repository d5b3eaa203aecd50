#include "agent/self_report.h"

#include <chrono>
#include <utility>

#include "agent/metrics/metrics.h"
#include "agent/status/queries.h"
#include "agent/status/readiness.h"

namespace sluice {
namespace {

status::AgentFacts::Watch WatchFactOf(const kube::KubeSource::WatchState& watch) {
  return {.resource = std::string(kube::NameOf(watch.resource)),
          .state = std::string(kube::ToString(watch.state)),
          .synced = watch.synced,
          .trouble = watch.trouble,
          .lists = watch.counters.lists,
          .failures = watch.counters.failures,
          .events = watch.counters.events,
          .last_heard = std::chrono::duration<double>(watch.heard_at.time_since_epoch()).count()};
}

}  // namespace

std::string SelfReport::Answer(std::string_view request) const {
  const auto facts = [this] {
    status::AgentFacts all = Facts();
    all.complaints = Complaints();
    return all;
  };
  return status::Queries(parts_.desired, parts_.reconciler, facts).Answer(request);
}

http::Pages SelfReport::Pages() const {
  return {.healthz = [this] { return Broken(); },
          .readyz = [this] { return Missing(); },
          .metrics =
              [this] {
                return metrics::Exposition(
                    {.desired = parts_.desired,
                     .reconciler = parts_.reconciler,
                     .purge = parts_.stale_megaflows ? &parts_.stale_megaflows->purge() : nullptr,
                     .facts = Facts(),
                     .latencies = parts_.latencies});
              }};
}

status::AgentFacts SelfReport::Facts() const {
  const Options& options = parts_.options;
  const Condition& condition = parts_.condition;
  status::AgentFacts facts;
  facts.names = {.bridge = options.bridge,
                 .gateway_port = options.gateway_port,
                 .ovs_rundir = options.ovs_rundir};
  facts.objects = {.name = condition.source, .synced = condition.objects_synced, .watches = {}};
  if (parts_.kube) {
    for (const auto& watch : parts_.kube->Watches()) {
      facts.objects.watches.push_back(WatchFactOf(watch));
    }
  }
  facts.endpoints = {
      .name = "ovsdb " + options.ovs_db, .synced = condition.endpoints_synced, .watches = {}};
  const Status database = parts_.database.Readiness();
  facts.troubles = {.database = database.ok() ? "" : "not connected: " + database.error().message(),
                    .bridge = condition.bridge_trouble,
                    .gateway = condition.gateway_trouble};
  facts.complaint_counts = parts_.complaints.counts();
  return facts;
}

std::vector<std::string> SelfReport::Complaints() const {
  std::vector<std::string> complaints = parts_.complaints.lines();
  if (parts_.node_routing) {
    const auto& more = parts_.node_routing->complaints();
    complaints.insert(complaints.end(), more.begin(), more.end());
  }
  return complaints;
}

// That this runs says that the event loop does. Neither the switch nor the apiserver comes back by
// a restart of the agent.
std::vector<std::string> SelfReport::Broken() const {
  if (!parts_.condition.cni_socket) return {};
  const Status reachable = parts_.condition.cni_socket->StillThere();
  if (reachable.ok()) return {};
  return {"cni: nobody can reach the agent: " + reachable.error().message()};
}

std::vector<std::string> SelfReport::Missing() const {
  std::vector<std::string> missing = status::MissingForPods(
      Facts(), {.state = parts_.reconciler.state(), .last_error = parts_.reconciler.last_error()});
  for (std::string& line : Broken()) missing.push_back(std::move(line));
  return missing;
}

}  // namespace sluice
