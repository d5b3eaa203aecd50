#include "tests/bench/compile.h"
#include "tests/bench/events.h"
#include "tests/bench/scenario.h"

namespace sluice::bench {
namespace {

constexpr int kRuns = 3;
constexpr size_t kSizes[] = {1'000, 3'000, 10'000, 30'000, 100'000};
constexpr double kTooLong = 30;  // seconds: larger sizes are left out

using Points = std::vector<std::pair<double, double>>;

void AddExponent(const std::string& name, const Points& points, double goal, Report& report) {
  if (points.size() < 3) return;
  report.Add({.name = name + "/exponent",
              .value = GrowthExponent(points),
              .unit = "exponent",
              .goal = goal});
}

void GrowthFromScratch(const std::string& name, const std::function<Shape(size_t)>& shape_of,
                       Report& report) {
  Points points;
  for (const size_t size : kSizes) {
    const Runs runs(kRuns, [&] { return Compile(shape_of(size), Order::kPodsFirst); });
    report.Add(runs.Of("seconds", {.name = name + "/" + std::to_string(size), .unit = "s"}));
    points.emplace_back(size, runs.Median("seconds"));
    if (points.back().second > kTooLong) break;
  }
  AddExponent(name, points, 1.05, report);
}

void GrowthOfEvents(Report& report) {
  std::map<std::string, Points> points;
  for (const size_t size : {5'000, 10'000, 30'000, 100'000}) {
    const NodeView view = NodeViewOf(size);
    const Figures medians = InOwnProcess([&view] {
      Figures figures;
      Node node;
      for (const auto& [kind, cost] : EventCosts(node, view, {.count = 200})) {
        figures["us/" + kind] = Percentile(cost.microseconds, 0.5);
        figures["mods/" + kind] = Percentile(cost.flow_mods, 0.5);
      }
      return figures;
    });
    for (const auto& [figure, value] : medians) {
      const bool time = figure.rfind("us/", 0) == 0;
      report.Add({.name = "growth/event/" + figure.substr(figure.find('/') + 1) + "/" +
                          std::to_string(size),
                  .value = value,
                  .unit = time ? "us" : "flow-mods"});
      if (time) points[figure.substr(3)].emplace_back(size, value);
    }
  }
  for (const auto& [kind, of] : points) AddExponent("growth/event/" + kind, of, 0.1, report);
}

}  // namespace

void RunGrowth(Report& report) {
  GrowthFromScratch(
      "growth/many-namespaces", [](size_t size) { return ManyNamespaces(size / 4); }, report);
  GrowthFromScratch("growth/equal-policies", EqualPolicies, report);
  GrowthFromScratch("growth/pairs", Pairs, report);
  GrowthFromScratch(
      "growth/across-namespaces", [](size_t size) { return AcrossNamespaces(size / 100); }, report);
  GrowthOfEvents(report);
}

}  // namespace sluice::bench
