#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/compile.h"
#include "tests/bench/events.h"
#include "tests/bench/scenario.h"

namespace sluice::bench {
namespace {

constexpr int kRuns = 5;
constexpr size_t kSizes[] = {1'000, 3'000, 10'000, 30'000, 100'000};
constexpr size_t kClusters[] = {5'000, 10'000, 30'000, 100'000};  // pods
constexpr size_t kTurns = 20;
constexpr size_t kRoundsATurn = 10;

using Points = std::vector<std::pair<double, double>>;

void AddExponent(const std::string& name, const Points& points, double goal, Report& report) {
  report.Add({.name = name + "/exponent",
              .value = GrowthExponent(points),
              .unit = "exponent",
              .goal = goal});
}

// The sizes take turns: a machine that is faster for a while is so for all of them.
void GrowthFromScratch(const std::string& name, const std::function<Shape(size_t)>& shape_of,
                       Report& report) {
  std::map<size_t, Runs> runs;
  for (int run = 0; run < kRuns; ++run) {
    for (const size_t size : kSizes) {
      runs[size].Add([&] { return Compile(shape_of(size), Order::kPodsFirst); });
    }
  }
  Points points;
  for (const auto& [size, of] : runs) {
    report.Add(of.Of("seconds", {.name = name + "/" + std::to_string(size), .unit = "s"}));
    points.emplace_back(size, of.Median("seconds"));
  }
  AddExponent(name, points, 1.05, report);
}

struct FollowedCluster {
  explicit FollowedCluster(size_t pods) : view(NodeViewOf(pods)) {}

  NodeView view;
  Node node;
  EventPlayer player{node, view, CpuSeconds};
};

// In turn, too; several rounds of one size at a stretch, so that each finds its caches as it has
// left them.
Figures MediansOfEvents() {
  std::map<size_t, std::unique_ptr<FollowedCluster>> clusters;
  for (const size_t pods : kClusters) clusters[pods] = std::make_unique<FollowedCluster>(pods);
  for (size_t turn = 0; turn < kTurns; ++turn) {
    for (const auto& [pods, cluster] : clusters) {
      for (size_t i = 0; i < kRoundsATurn; ++i) cluster->player.Play(turn * kRoundsATurn + i);
    }
  }
  Figures figures;
  for (const auto& [pods, cluster] : clusters) {
    for (const auto& [kind, cost] : cluster->player.costs()) {
      const std::string name = kind + "/" + std::to_string(pods);
      figures["us/" + name] = Percentile(cost.microseconds, 0.5);
      figures["mods/" + name] = Percentile(cost.flow_mods, 0.5);
    }
  }
  return figures;
}

void GrowthOfEvents(Report& report) {
  std::map<std::string, Points> points;
  for (const auto& [figure, value] : InOwnProcess(MediansOfEvents)) {
    const bool time = figure.starts_with("us/");
    const std::string name = figure.substr(figure.find('/') + 1);
    report.Add({.name = "growth/event/" + name, .value = value, .unit = time ? "us" : "flow-mods"});
    const size_t slash = name.find('/');
    if (time) points[name.substr(0, slash)].emplace_back(std::stod(name.substr(slash + 1)), value);
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
