#include "tests/bench/measure.h"
#include "tests/bench/node.h"
#include "tests/bench/scenario.h"

namespace sluice::bench {
namespace {

constexpr int kRuns = 5;

Figures Once(const NodeView& view) {
  const MemoryGauge memory;
  Node node;
  Stopwatch watch;
  Follow(view, node, [&watch](auto work) { watch.Time(work); });
  return {{"seconds", watch.seconds()},
          {"peak", memory.peak_megabytes()},
          {"resident", memory.megabytes()},
          {"flows", static_cast<double>(node.installed().size())}};
}

}  // namespace

void RunNodeView(Report& report) {
  struct Goal {
    size_t pods;
    std::optional<double> seconds;
    double megabytes;
  };
  for (const Goal& goal : {Goal{100'000, 1.5, 150}, Goal{10'000, std::nullopt, 30}}) {
    const std::string name = "node-view/" + std::to_string(goal.pods) + "-pods";
    const NodeView view = NodeViewOf(goal.pods);
    const Runs runs(kRuns, [&view] { return Once(view); });
    report.Add(runs.Of("seconds", {.name = name + "/time", .unit = "s", .goal = goal.seconds}));
    report.Add(
        runs.Of("peak", {.name = name + "/peak-memory", .unit = "MB", .goal = goal.megabytes}));
    report.Add(runs.Of("resident", {.name = name + "/memory", .unit = "MB"}));
    report.Add(runs.Of("flows", {.name = name + "/flows", .unit = "flows"}));
  }
}

}  // namespace sluice::bench
