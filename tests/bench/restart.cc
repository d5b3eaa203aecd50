#include "tests/bench/restart.h"

#include <glog/logging.h>

#include "tests/bench/measure.h"
#include "tests/bench/raw_switch.h"
#include "tests/bench/scenario.h"
#include "tests/bench/switched_node.h"

namespace sluice::bench {
namespace {

constexpr size_t kPods = 57'000;  // so that there are about 100,000 flows
constexpr int kRounds = 3;

template <typename Work>
double Seconds(Work work) {
  const double start = WallSeconds();
  work();
  return WallSeconds() - start;
}

void Learn(const NodeView& view, Node& node) {
  Deliver(view, node, [&node](const auto& events) { node.Apply(events); });
}

double RawDump(const BenchSwitch& bridge) {
  RawSwitch raw(bridge.socket_path());
  return Seconds([&raw] { raw.Dump(); });
}

double RawInstall(BenchSwitch& bridge, const EncodedBundle& flows) {
  bridge.Clear();
  RawSwitch raw(bridge.socket_path());
  return Seconds([&] { raw.Install(flows); });
}

struct SwitchRestart {
  double wait = 0;   // until the connection is back, from the moment the switch can be reached
  double total = 0;  // until the switch has all flows again
};

SwitchRestart RestartSwitch(BenchSwitch& bridge, SwitchedNode& node) {
  bridge.sandbox().KillSwitch();
  node.RunUntil([&] { return node.reconciler().state() == reconcile::SyncState::kDisconnected; });
  bridge.sandbox().StartSwitch();
  const double start = WallSeconds();
  node.RunUntil([&] { return node.reconciler().state() != reconcile::SyncState::kDisconnected; });
  const double connected = WallSeconds();
  node.AwaitIdle();
  return {connected - start, WallSeconds() - start};
}

Row RowOf(const std::string& name, const std::vector<double>& samples) {
  const Summary summary = Summarize(samples);
  return {.name = name, .value = summary.median, .unit = "s", .spread = summary.spread};
}

}  // namespace

Figures RestartAgent(const NodeView& view) {
  BenchSwitch bridge;
  Figures figures;
  {
    SwitchedNode first(bridge.socket_path());
    Learn(view, first);
    first.Start();
    figures["flows"] = static_cast<double>(first.reconciler().counters().flow_mods);
  }
  SwitchedNode second(bridge.socket_path());
  figures["time"] = Seconds([&] {
    Learn(view, second);
    figures["connect"] = Seconds([&second] { second.Start(); });
  });
  figures["flow-mods"] = static_cast<double>(second.reconciler().counters().flow_mods);
  figures["raw dump"] = RawDump(bridge);
  return figures;
}

void RunRestart(Report& report) {
  const NodeView view = DenseNodeViewOf(kPods);
  const Runs agent(kRounds, [&view] { return RestartAgent(view); });
  const std::string of =
      "restart/agent, " + std::to_string(static_cast<size_t>(agent.Median("flows"))) + " flows";
  report.Add(agent.Of("flow-mods", {.name = of + "/flow-mods", .unit = "flow-mods", .goal = 0}));
  report.Add(agent.Of("time", {.name = of + "/objects to in sync",
                               .unit = "s",
                               .against = Row::Against{"raw dump", agent.Median("raw dump")},
                               .goal = 1}));
  report.Add(agent.Of("connect", {.name = of + "/dump and diff of it",
                                  .unit = "s",
                                  .against = Row::Against{"raw dump", agent.Median("raw dump")}}));

  BenchSwitch bridge;
  SwitchedNode node(bridge.socket_path());
  Learn(view, node);
  node.Start();
  const EncodedBundle flows = Encoded(node.state().flows().Flows());
  std::vector<double> wait, total, floor;
  for (int round = 0; round < kRounds; ++round) {
    const SwitchRestart restart = RestartSwitch(bridge, node);
    wait.push_back(restart.wait);
    total.push_back(restart.total);
    BenchSwitch other;  // as fresh as the restarted one
    floor.push_back(RawInstall(other, flows));
  }
  Row row = RowOf("restart/switch/all flows back", total);
  row.against = Row::Against{"raw install", Summarize(floor).median};
  row.goal = 1.3;
  row.goal_of = Row::GoalOf::kRatio;
  report.Add(std::move(row));
  report.Add(RowOf("restart/switch/until connected, of it", wait));
}

}  // namespace sluice::bench
