#include <algorithm>
#include <future>

#include "agent/freed_memory.h"
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

// By a thread of its own, as the agent's source decodes: what it allocates is not freed by it.
std::vector<store::StoreEvent> Decoded(const Shape& cluster) {
  return std::async(std::launch::async, [&cluster] { return AllObjects(cluster); }).get();
}

// Every object has another version: each is compared, and then applied.
std::vector<store::StoreEvent> Relabelled(std::vector<store::StoreEvent> all) {
  for (store::StoreEvent& event : all) {
    if (auto* pod = std::get_if<store::Pod>(&*event.object)) pod->labels["version"] = "2";
  }
  return all;
}

Figures Once(const NodeView& view) {
  FreedMemory::JoinBlocksWhenFreed();
  FreedMemory freed;
  const MemoryGauge memory;
  Node node;
  for (const size_t i : view.local) node.Attach(view.cluster.pods.at(i));
  reconcile::ObjectIntake intake(node.state());
  const Turns first = Take(intake, Decoded(view.cluster));
  const double resident = memory.megabytes();
  const double peak = memory.peak_megabytes();
  Stopwatch giving_back;
  giving_back.Time([&freed] { freed.GiveBack(); });
  const double left = memory.megabytes();
  const Turns again = Take(intake, Decoded(view.cluster));
  const Turns changed = Take(intake, Relabelled(Decoded(view.cluster)));
  return {{"first, longest", first.longest * kMilliseconds},
          {"first, all", first.all * kMilliseconds},
          {"again, longest", again.longest * kMilliseconds},
          {"again, all", again.all * kMilliseconds},
          {"changed, longest", changed.longest * kMilliseconds},
          {"changed, all", changed.all * kMilliseconds},
          {"peak", peak},
          {"resident", resident},
          {"left", left},
          {"giving back", giving_back.seconds() * kMilliseconds}};
}

// The same objects in small batches, which leave nothing behind.
Figures BitByBit(const NodeView& view) {
  const MemoryGauge memory;
  Node node;
  for (const size_t i : view.local) node.Attach(view.cluster.pods.at(i));
  const auto take = [&node](const std::vector<store::StoreEvent>& events) { node.Apply(events); };
  ForEachChunk(view.cluster.namespaces, take);
  ForEachChunk(view.cluster.pods, take);
  ForEachChunk(view.cluster.policies, take);
  return {{"resident", memory.megabytes()}};
}

}  // namespace

void RunLongList(Report& report) {
  const NodeView view = NodeViewOf(100'000);
  const Runs runs(kRuns, [&view] { return Once(view); });
  for (const char* list : {"first", "again", "changed"}) {
    const std::string name = std::string("long-list/") + list;
    report.Add(runs.Of(std::string(list) + ", longest",
                       {.name = name + "/longest-turn", .unit = "ms", .goal = 20}));
    report.Add(runs.Of(std::string(list) + ", all", {.name = name + "/all", .unit = "ms"}));
  }
  const Runs small(kRuns, [&view] { return BitByBit(view); });
  const double floor = small.Median("resident");
  report.Add(runs.Of("peak", {.name = "long-list/memory/peak", .unit = "MB"}));
  report.Add(runs.Of("resident", {.name = "long-list/memory/before giving back", .unit = "MB"}));
  report.Add(runs.Of("left", {.name = "long-list/memory/after giving back",
                              .unit = "MB",
                              .against = Row::Against{"the same objects bit by bit", floor},
                              .goal = 1.1 * floor}));
  report.Add(
      runs.Of("giving back", {.name = "long-list/memory/giving back", .unit = "ms", .goal = 20}));
}

}  // namespace sluice::bench
