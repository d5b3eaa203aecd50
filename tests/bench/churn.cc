#include "tests/bench/churn.h"

#include <glog/logging.h>

#include "tests/bench/scenario.h"
#include "tests/bench/switched_node.h"
#include "tests/fakes/builders.h"

namespace sluice::bench {
namespace {

using std::chrono::steady_clock;

constexpr size_t kPods = 10'000;

// The n-th event: pods come, are relabelled and go, each beside a pod of this node.
store::StoreEvent EventOf(const NodeView& view, size_t n) {
  const size_t pod_number = n / 3;
  store::Pod pod = view.cluster.pods.at(view.local[pod_number % view.local.size()]);
  pod.key.name += "-" + std::to_string(pod_number);
  pod.uid += "-" + std::to_string(pod_number);
  constexpr size_t kAddresses = 20'000;  // used again and again, as a node's are
  pod.ips = {PodAddress(view.cluster.pods.count + pod_number % kAddresses)};
  if (n % 3 == 1) pod.labels["app"] = "app-9";
  return n % 3 == 2 ? fakes::Gone(pod) : fakes::Present(pod);
}

}  // namespace

Figures Churn(const ChurnSpec& spec) {
  const NodeView view = NodeViewOf(kPods);
  BenchSwitch bridge;
  SwitchedNode node(bridge.socket_path());
  node.Start();
  Follow(view, node, [](auto work) { work(); });
  const MemoryGauge memory;
  const double cpu = CpuSeconds();
  const uint64_t flow_mods = node.reconciler().counters().flow_mods;
  const steady_clock::time_point start = steady_clock::now();
  const auto due = [start, &spec](size_t n) {
    return start + std::chrono::microseconds(1'000'000 * n / spec.per_second);
  };
  std::vector<double> lags;  // ms from when an event was due until the switch had it
  double early_memory = 0;
  const size_t events = spec.per_second * spec.seconds;
  for (size_t n = 0; n < events || lags.size() < events;) {
    for (; n < events && steady_clock::now() >= due(n); ++n) {
      node.Apply({EventOf(view, n)});
      node.reconciler().AwaitInstalled([&lags, at = due(n)] {
        lags.push_back(std::chrono::duration<double, std::milli>(steady_clock::now() - at).count());
      });
      if (n == events / 6) early_memory = memory.megabytes();
    }
    node.io().restart();
    node.io().run_one_until(n < events ? due(n) : steady_clock::now() + std::chrono::seconds(10));
  }
  const std::chrono::duration<double> took = steady_clock::now() - start;
  return {{"p50", Percentile(lags, 0.5)},
          {"p99", Percentile(lags, 0.99)},
          {"last", lags.back()},
          {"cpu", 100 * (CpuSeconds() - cpu) / took.count()},
          {"growth", memory.megabytes() - early_memory},
          {"flow-mods", static_cast<double>(node.reconciler().counters().flow_mods - flow_mods)}};
}

void RunChurn(Report& report) {
  const Figures figures = InOwnProcess([] { return Churn({.per_second = 1000, .seconds = 60}); });
  const std::string of = "churn/1000 pod events a second/";
  report.Add({.name = of + "event to switch, p50", .value = figures.at("p50"), .unit = "ms"});
  report.Add(
      {.name = of + "event to switch, p99", .value = figures.at("p99"), .unit = "ms", .goal = 20});
  report.Add(
      {.name = of + "backlog at the end", .value = figures.at("last"), .unit = "ms", .goal = 20});
  report.Add({.name = of + "CPU of one core", .value = figures.at("cpu"), .unit = "%", .goal = 25});
  report.Add({.name = of + "memory, last 50 s",
              .value = figures.at("growth"),
              .unit = "MB more",
              .goal = 1});
}

}  // namespace sluice::bench
