#include "tests/bench/compile.h"

#include "agent/pipeline/policy_flows.h"
#include "agent/policy/policy_engine.h"
#include "tests/bench/scenario.h"
#include "tests/fakes/builders.h"

namespace sluice::bench {
namespace {

constexpr int kRuns = 5;

// The figures of Antrea's controller are not of this run: measured before on a machine like this.
struct Goal {
  Shape shape;
  double seconds;
  std::optional<double> megabytes;
  std::optional<double> antrea_seconds;
  std::optional<double> antrea_megabytes;
};

std::optional<Row::Against> Antrea(std::optional<double> figure) {
  if (!figure) return std::nullopt;
  return Row::Against{"Antrea's controller (quoted)", *figure};
}

}  // namespace

Figures Compile(const Shape& shape, Order order) {
  store::ClusterStore store;
  policy::PolicyEngine engine(store);
  for (size_t i = 0; i < shape.pods.count; ++i) {
    engine.Apply(
        store.PutEndpoint(fakes::EndpointOf(shape.pods.at(i), {static_cast<uint32_t>(i + 10)})));
  }
  engine.TakeChanges();

  const MemoryGauge memory;
  Stopwatch compiling;
  const auto feed = [&](const std::vector<store::StoreEvent>& events) {
    compiling.Time([&] {
      for (const store::StoreEvent& event : events) engine.Apply(store.Apply(event));
    });
  };
  ForEachChunk(shape.namespaces, feed);
  if (order == Order::kPoliciesFirst) ForEachChunk(shape.policies, feed);
  ForEachChunk(shape.pods, feed);
  if (order == Order::kPodsFirst) ForEachChunk(shape.policies, feed);
  policy::PolicyChanges changes;
  compiling.Time([&] { changes = engine.TakeChanges(); });
  Figures figures{{"seconds", compiling.seconds()},
                  {"peak", memory.peak_megabytes()},
                  {"resident", memory.megabytes()}};
  figures["rules"] = static_cast<double>(engine.rules(store::Direction::kIngress).size() +
                                         engine.rules(store::Direction::kEgress).size());
  figures["classes"] =
      static_cast<double>(engine.classes(policy::Side::kSource).class_count() +
                          engine.classes(policy::Side::kDestination).class_count());
  Stopwatch rendering;
  size_t flows = 0;
  rendering.Time([&] {
    for (const pipeline::OwnedFlows& owned :
         pipeline::RenderChanges(engine, changes, pipeline::SctpPorts::kFromConntrack)) {
      flows += owned.flows.size();
    }
  });
  figures["render"] = rendering.seconds();
  figures["flows"] = static_cast<double>(flows);
  return figures;
}

void RunCompile(Report& report) {
  const Goal goals[] = {{ManyNamespaces(25'000), 1.0, 300, 8.6, 1100},
                        {EqualPolicies(10'000), 0.2, std::nullopt, 3.1, 900},
                        {Pairs(10'000), 0.4, 60, 22.5, 250},
                        {AcrossNamespaces(1'000), 1.0, std::nullopt, std::nullopt, std::nullopt}};
  for (const Goal& goal : goals) {
    const std::string name = "compile/" + goal.shape.name;
    const Runs runs(kRuns, [&] { return Compile(goal.shape, Order::kPodsFirst); });
    report.Add(runs.Of("seconds", {.name = name + "/time",
                                   .unit = "s",
                                   .against = Antrea(goal.antrea_seconds),
                                   .goal = goal.seconds}));
    report.Add(runs.Of("peak", {.name = name + "/peak-memory",
                                .unit = "MB",
                                .against = Antrea(goal.antrea_megabytes),
                                .goal = goal.megabytes}));
    const Runs reverse(kRuns, [&] { return Compile(goal.shape, Order::kPoliciesFirst); });
    report.Add(reverse.Of("seconds", {.name = name + "/time, policies before pods",
                                      .unit = "s",
                                      .against = Antrea(goal.antrea_seconds),
                                      .goal = goal.seconds}));
    report.Add(runs.Of("classes", {.name = name + "/classes", .unit = "classes"}));
    report.Add(runs.Of("rules", {.name = name + "/rules", .unit = "rules"}));
    report.Add(runs.Of("render", {.name = name + "/rendering all flows", .unit = "s"}));
    report.Add(runs.Of("flows", {.name = name + "/flows", .unit = "flows"}));
  }
}

}  // namespace sluice::bench
