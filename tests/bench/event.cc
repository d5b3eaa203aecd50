#include "tests/bench/events.h"
#include "tests/bench/scenario.h"
#include "tests/bench/switched_node.h"

namespace sluice::bench {
namespace {

constexpr size_t kRounds = 300;

}  // namespace

void RunEvent(Report& report) {
  const NodeView view = NodeViewOf(10'000);
  std::vector<double> floor;
  BenchSwitch bridge;
  SwitchedNode node(bridge.socket_path());
  node.Start();
  const auto costs =
      EventCosts(node, view, {.count = kRounds, .clock = WallSeconds, .between = [&] {
                                Stopwatch watch(WallSeconds);
                                watch.Time([&node] { node.CommitOneFlow(); });
                                floor.push_back(1e3 * watch.seconds());
                              }});
  const Summary of_floor = Summarize(floor);
  report.Add({.name = "event/floor: a bundle of one flow",
              .value = of_floor.median,
              .unit = "ms",
              .spread = of_floor.spread});
  for (const auto& [kind, cost] : costs) {
    const bool wide = kind == "namespace relabelled";  // as dear as it has pods
    std::vector<double> milliseconds;
    for (const double each : cost.microseconds) milliseconds.push_back(each / 1e3);
    const Summary summary = Summarize(milliseconds);
    report.Add({.name = "event/" + kind + "/p50",
                .value = summary.median,
                .unit = "ms",
                .spread = summary.spread,
                .against = Row::Against{"the floor", of_floor.median},
                .goal = wide ? std::nullopt : std::optional<double>(1)});
    report.Add({.name = "event/" + kind + "/p99",
                .value = Percentile(milliseconds, 0.99),
                .unit = "ms",
                .goal = wide ? std::nullopt : std::optional<double>(5)});
    report.Add({.name = "event/" + kind + "/flow-mods",
                .value = Percentile(cost.flow_mods, 0.5),
                .unit = "flow-mods"});
  }
}

}  // namespace sluice::bench
