#include <algorithm>

#include "agent/reconcile/object_intake.h"
#include "tests/bench/measure.h"
#include "tests/bench/node.h"
#include "tests/bench/scenario.h"

namespace sluice::bench {
namespace {

constexpr int kRuns = 5;
constexpr double kMilliseconds = 1000;

std::vector<store::StoreEvent> AllObjects(const Shape& cluster) {
  std::vector<store::StoreEvent> all;
  const auto add = [&](std::vector<store::StoreEvent> events) {
    std::move(events.begin(), events.end(), std::back_inserter(all));
  };
  ForEachChunk(cluster.namespaces, add);
  ForEachChunk(cluster.pods, add);
  ForEachChunk(cluster.policies, add);
  return all;
}

struct Turns {
  double longest = 0;
  double all = 0;
};

Turns Take(reconcile::ObjectIntake& intake, std::vector<store::StoreEvent> batch) {
  Turns turns;
  intake.Add(std::move(batch));
  while (!intake.idle()) {
    Stopwatch watch;
    watch.Time([&] { intake.Step(); });
    turns.longest = std::max(turns.longest, watch.seconds());
    turns.all += watch.seconds();
  }
  return turns;
}

Figures Once(const NodeView& view) {
  Node node;
  for (const size_t i : view.local) node.Attach(view.cluster.pods.at(i));
  reconcile::ObjectIntake intake(node.state());
  const Turns first = Take(intake, AllObjects(view.cluster));
  const Turns again = Take(intake, AllObjects(view.cluster));
  return {{"first, longest", first.longest * kMilliseconds},
          {"first, all", first.all * kMilliseconds},
          {"again, longest", again.longest * kMilliseconds},
          {"again, all", again.all * kMilliseconds}};
}

}  // namespace

void RunLongList(Report& report) {
  const NodeView view = NodeViewOf(100'000);
  const Runs runs(kRuns, [&view] { return Once(view); });
  for (const char* list : {"first", "again"}) {
    const std::string name = std::string("long-list/") + list;
    report.Add(runs.Of(std::string(list) + ", longest",
                       {.name = name + "/longest-turn", .unit = "ms", .goal = 20}));
    report.Add(runs.Of(std::string(list) + ", all", {.name = name + "/all", .unit = "ms"}));
  }
}

}  // namespace sluice::bench
