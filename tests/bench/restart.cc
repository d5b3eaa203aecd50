#include "tests/bench/restart.h"

#include <glog/logging.h>

#include <chrono>
#include <functional>
#include <iterator>
#include <thread>

#include "agent/reconcile/object_intake.h"
#include "tests/bench/measure.h"
#include "tests/bench/raw_switch.h"
#include "tests/bench/scenario.h"
#include "tests/bench/switched_node.h"

namespace sluice::bench {
namespace {

constexpr size_t kPods = 59'000;  // so that there are about 100,000 flows
constexpr int kRounds = 5;

template <typename Work>
double Seconds(Work work) {
  const double start = WallSeconds();
  work();
  return WallSeconds() - start;
}

void Learn(const NodeView& view, Node& node) {
  Deliver(view, node, [&node](const auto& events) { node.Apply(events); });
}

// As a source delivers them: all in one batch.
std::vector<store::StoreEvent> ObjectsOf(const Shape& cluster) {
  std::vector<store::StoreEvent> all;
  const auto add = [&all](std::vector<store::StoreEvent> events) {
    std::move(events.begin(), events.end(), std::back_inserter(all));
  };
  ForEachChunk(cluster.namespaces, add);
  ForEachChunk(cluster.pods, add);
  ForEachChunk(cluster.policies, add);
  return all;
}

// As the agent does: it dials at once, and takes the objects in slices, a turn of its loop each.
void TakeUp(std::vector<store::StoreEvent> objects, SwitchedNode& node) {
  node.Dial();
  reconcile::ObjectIntake intake(node.state());
  intake.Add(std::move(objects));
  while (!intake.idle()) {
    intake.Step();
    node.Turn();
  }
  node.Finish();
}

double RawDump(const BenchSwitch& bridge) {
  RawSwitch raw(bridge.socket_path());
  return Seconds([&raw] { raw.Dump(); });
}

// Calls `work` until it says that it is done, every millisecond; when the switch was first there.
double AwaitSwitch(const BenchSwitch& bridge, const std::function<bool()>& done) {
  std::optional<double> there;
  while (!done() || !there) {
    if (!there && RawSwitch::Listens(bridge.socket_path())) there = WallSeconds();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return *there;
}

// From the moment at which the switch can be reached: how soon that is, is its own affair.
struct SwitchRestart {
  double wait = 0;   // until there is a connection
  double total = 0;  // until the switch has all flows again
  double cpu = 0;    // of this thread meanwhile
};

SwitchRestart RestartSwitch(BenchSwitch& bridge, SwitchedNode& node) {
  const auto connected = [&node] {
    return node.reconciler().state() != reconcile::SyncState::kDisconnected;
  };
  bridge.sandbox().KillSwitch();
  node.RunUntil([&connected] { return !connected(); });
  const double cpu = CpuSeconds();
  bridge.sandbox().LaunchSwitch();
  const double there = AwaitSwitch(bridge, [&] {
    node.Turn();
    return connected();
  });
  const double back = WallSeconds();
  node.AwaitIdle();
  return {std::max(0.0, back - there), WallSeconds() - there, CpuSeconds() - cpu};
}

double RawRestart(BenchSwitch& bridge, const EncodedBundle& flows) {
  bridge.sandbox().KillSwitch();
  bridge.sandbox().LaunchSwitch();
  const double there = AwaitSwitch(bridge, [] { return true; });
  RawSwitch(bridge.socket_path()).Install(flows);
  return WallSeconds() - there;
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
  for (const size_t i : view.local) second.Attach(view.cluster.pods.at(i));
  std::vector<store::StoreEvent> objects = ObjectsOf(view.cluster);
  const double cpu = CpuSeconds();
  figures["time"] = Seconds([&] { TakeUp(std::move(objects), second); });
  figures["cpu"] = CpuSeconds() - cpu;
  figures["flow-mods"] = static_cast<double>(second.reconciler().counters().flow_mods);
  figures["raw dump"] = RawDump(bridge);
  // What of it is the switch's and the diff's: the objects are there.
  SwitchedNode third(bridge.socket_path());
  Learn(view, third);
  figures["diff"] = Seconds([&third] { third.Start(); });
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
  report.Add(agent.Of("cpu", {.name = of + "/own CPU time", .unit = "s"}));
  report.Add(agent.Of("diff", {.name = of + "/dump and diff alone",
                               .unit = "s",
                               .against = Row::Against{"raw dump", agent.Median("raw dump")}}));

  BenchSwitch bridge;
  SwitchedNode node(bridge.socket_path());
  Learn(view, node);
  node.Start();
  const EncodedBundle flows = Encoded(node.state().flows().Flows());
  BenchSwitch other;
  std::vector<double> wait, total, cpu, floor;
  for (int round = 0; round < kRounds; ++round) {
    const SwitchRestart restart = RestartSwitch(bridge, node);
    wait.push_back(restart.wait);
    total.push_back(restart.total);
    cpu.push_back(restart.cpu);
    floor.push_back(RawRestart(other, flows));
  }
  Row row = RowOf("restart/switch/all flows back", total);
  row.against = Row::Against{"raw install", Summarize(floor).median};
  row.goal = 1.3;
  row.goal_of = Row::GoalOf::kRatio;
  report.Add(std::move(row));
  report.Add(RowOf("restart/switch/until connected, of it", wait));
  report.Add(RowOf("restart/switch/own CPU time", cpu));
}

}  // namespace sluice::bench
