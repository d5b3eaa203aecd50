#include "agent/metrics/families.h"

#include <array>
#include <string>
#include <utility>

namespace sluice::metrics {
namespace {

using policy::Side;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using reconcile::SyncState;
using store::Direction;
using Labels = std::vector<ClientMetric::Label>;

struct Name {
  const char* name;
  const char* help;
};

MetricFamily Family(const Name& name, MetricType type) {
  return {.name = name.name, .help = name.help, .type = type, .metric = {}};
}

template <typename Number>
void Add(MetricFamily& family, Labels labels, Number number) {
  ClientMetric metric;
  metric.label = std::move(labels);
  const auto value = static_cast<double>(number);
  if (family.type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  family.metric.push_back(std::move(metric));
}

template <typename Number>
MetricFamily Gauge(const Name& name, Number number) {
  MetricFamily family = Family(name, MetricType::Gauge);
  Add(family, {}, number);
  return family;
}

template <typename Number>
MetricFamily Counter(const Name& name, Number number) {
  MetricFamily family = Family(name, MetricType::Counter);
  Add(family, {}, number);
  return family;
}

MetricFamily Endpoints(const store::ClusterStore& store) {
  size_t open = 0;
  for (const auto& [id, state] : store.endpoints()) open += state.gate == store::Gate::kOpen;
  MetricFamily family = Family(
      {"sluice_endpoints", "Pods attached to this node's bridge, by gate."}, MetricType::Gauge);
  Add(family, {{"gate", "open"}}, open);
  Add(family, {{"gate", "closed"}}, store.endpoints().size() - open);
  return family;
}

MetricFamily Rules(const policy::PolicyEngine& policy) {
  MetricFamily family = Family({"sluice_rules", "Policy rules in use on this node, by direction."},
                               MetricType::Gauge);
  for (const Direction direction : {Direction::kIngress, Direction::kEgress}) {
    Add(family, {{"direction", direction == Direction::kIngress ? "ingress" : "egress"}},
        policy.rules(direction).size());
  }
  return family;
}

MetricFamily Classes(const policy::PolicyEngine& policy) {
  MetricFamily family =
      Family({"sluice_address_classes", "Address classes, by the side of a connection."},
             MetricType::Gauge);
  Add(family, {{"side", "source"}}, policy.classes(Side::kSource).class_count());
  Add(family, {{"side", "destination"}}, policy.classes(Side::kDestination).class_count());
  return family;
}

MetricFamily Sync(SyncState now) {
  MetricFamily family =
      Family({"sluice_switch_sync_state", "1 for what is known of the switch's flows now, else 0."},
             MetricType::Gauge);
  for (const SyncState state : {SyncState::kDisconnected, SyncState::kDumping,
                                SyncState::kWaitingForSources, SyncState::kInSync}) {
    Add(family, {{"state", std::string(reconcile::ToString(state))}}, state == now ? 1 : 0);
  }
  return family;
}

MetricFamily Commits(const reconcile::ReconcilerCounters& counters) {
  MetricFamily family =
      Family({"sluice_commits_total", "Bundles of flows sent to the switch, by result."},
             MetricType::Counter);
  Add(family, {{"result", "ok"}}, counters.commits);
  Add(family, {{"result", "failed"}}, counters.commit_failures);
  return family;
}

MetricFamily Purges(const reconcile::MegaflowPurge* purge) {
  MetricFamily family =
      Family({"sluice_megaflow_purges_total",
              "Times that the switch was told to purge its megaflows, by result."},
             MetricType::Counter);
  if (purge == nullptr) return family;
  Add(family, {{"result", "ok"}}, purge->counters().purges);
  Add(family, {{"result", "failed"}}, purge->counters().failures);
  return family;
}

MetricFamily PurgeOwed(const reconcile::MegaflowPurge* purge) {
  MetricFamily family = Family({"sluice_megaflow_purge_owed",
                                "1 while there may be megaflows that the flows of now would not "
                                "make, else 0."},
                               MetricType::Gauge);
  if (purge != nullptr) Add(family, {}, purge->owed() ? 1 : 0);
  return family;
}

MetricFamily WatchStates(const std::vector<status::AgentFacts::Watch>& watches) {
  MetricFamily family =
      Family({"sluice_watch_state", "1 for the state that the resource's watch is in, else 0."},
             MetricType::Gauge);
  constexpr std::array kStates = {"streaming list", "list", "watch", "backing off"};
  for (const auto& watch : watches) {
    for (const char* const state : kStates) {
      Add(family, {{"resource", watch.resource}, {"state", state}}, watch.state == state ? 1 : 0);
    }
  }
  return family;
}

template <typename Number>
MetricFamily PerWatch(const Name& name, MetricType type,
                      const std::vector<status::AgentFacts::Watch>& watches,
                      Number status::AgentFacts::Watch::*number) {
  MetricFamily family = Family(name, type);
  for (const auto& watch : watches) {
    Add(family, {{"resource", watch.resource}}, watch.*number);
  }
  return family;
}

// Nothing, without an apiserver.
MetricFamily Connected(const std::vector<status::AgentFacts::Watch>& watches) {
  MetricFamily family = Family(
      {"sluice_apiserver_connected", "1 if no watch of the apiserver is in trouble, else 0."},
      MetricType::Gauge);
  bool connected = true;
  for (const auto& watch : watches) connected &= watch.trouble.empty();
  if (!watches.empty()) Add(family, {}, connected ? 1 : 0);
  return family;
}

}  // namespace

std::vector<MetricFamily> FamiliesOf(const reconcile::DesiredState& desired,
                                     const reconcile::FlowReconciler& reconciler) {
  const auto& counters = reconciler.counters();
  return {
      Endpoints(desired.store()),
      Gauge({"sluice_pods", "Pods of the cluster that are known and on the pod network."},
            desired.store().pod_count()),
      Gauge({"sluice_namespaces", "Namespaces known."}, desired.store().namespaces().size()),
      Gauge({"sluice_policies", "NetworkPolicies known."}, desired.store().policy_count()),
      Rules(desired.policy()),
      Classes(desired.policy()),
      Gauge({"sluice_flows_desired", "Flows that the switch should hold."}, desired.flows().size()),
      Gauge({"sluice_flows_installed", "Flows that the switch holds, as far as it said."},
            reconciler.installed_count()),
      Sync(reconciler.state()),
      Commits(counters),
      Counter({"sluice_flow_mods_total", "Flow changes that the switch acknowledged."},
              counters.flow_mods),
      Counter({"sluice_drift_repaired_total",
               "Flows that somebody else changed and that were put back."},
              counters.foreign_changes),
      Counter({"sluice_quarantines_total",
               "Times that the flows of an owner were left out because the switch refuses them."},
              counters.quarantines),
      Gauge({"sluice_quarantined_owners", "Owners whose flows are left out now."},
            desired.quarantined().size())};
}

std::vector<MetricFamily> FamiliesOf(const reconcile::MegaflowPurge* purge) {
  return {Purges(purge), PurgeOwed(purge)};
}

std::vector<MetricFamily> FamiliesOf(const status::AgentFacts& facts) {
  using Watch = status::AgentFacts::Watch;
  const auto& watches = facts.objects.watches;
  MetricFamily complaints =
      Family({"sluice_complaints", "Objects that cannot be used as they are, by kind."},
             MetricType::Gauge);
  for (const auto& [kind, count] : facts.complaint_counts) Add(complaints, {{"kind", kind}}, count);
  return {
      std::move(complaints),
      Connected(watches),
      WatchStates(watches),
      PerWatch({"sluice_watch_lists_total", "Whole lists of the resource, the first one included."},
               MetricType::Counter, watches, &Watch::lists),
      PerWatch({"sluice_watch_failures_total", "Lists and watches that were refused or broke off."},
               MetricType::Counter, watches, &Watch::failures),
      PerWatch({"sluice_watch_events_total", "Events of watches, bookmarks included."},
               MetricType::Counter, watches, &Watch::events),
      PerWatch({"sluice_watch_last_heard_timestamp_seconds",
                "When the apiserver last sent anything, since the epoch; 0: never."},
               MetricType::Gauge, watches, &Watch::last_heard)};
}

std::vector<MetricFamily> FamiliesOf(const ProcessReading& process) {
  MetricFamily build =
      Family({"sluice_build_info", "1, with the agent's version."}, MetricType::Gauge);
  Add(build, {{"version", SLUICE_VERSION}}, 1);
  return {std::move(build),
          Counter({"process_cpu_seconds_total", "User and system CPU time."}, process.cpu_seconds),
          Gauge({"process_resident_memory_bytes", "Resident memory."}, process.resident_bytes),
          Gauge({"process_virtual_memory_bytes", "Virtual memory."}, process.virtual_bytes),
          Gauge({"process_open_fds", "Open file descriptors."}, process.open_fds),
          Gauge({"process_max_fds", "Most file descriptors that may be open."}, process.max_fds),
          Gauge({"process_start_time_seconds", "When the agent started, since the epoch."},
                process.start_time_seconds)};
}

}  // namespace sluice::metrics
