#include <algorithm>
#include <boost/asio/post.hpp>

#include "agent/reconcile/object_intake.h"
#include "tests/bench/measure.h"
#include "tests/bench/scenario.h"
#include "tests/bench/switched_node.h"
#include "tests/fakes/builders.h"

namespace sluice::bench {
namespace {

constexpr size_t kPods = 100'000;
constexpr size_t kWatchBatch = 256;
constexpr int kRounds = 3;
constexpr size_t kNormal = 20;
constexpr double kAllowedDelay = 20;  // ms

// A pod of this node that is no part of the cluster's shape.
store::Pod NewPod(const NodeView& view, size_t n) {
  store::Pod pod = view.cluster.pods.at(view.local[n % view.local.size()]);
  pod.key.name += "-new-" + std::to_string(n);
  pod.uid += "-new-" + std::to_string(n);
  pod.ips = {PodAddress(view.cluster.pods.count + 1 + n)};
  return pod;
}

// What of ADD is the agent's: from the endpoint to the switch's reply, in ms.
double AddPod(SwitchedNode& node, const store::Pod& pod) {
  const double asked = WallSeconds();
  node.Attach(pod);
  node.Apply({fakes::Present(pod)});
  bool installed = false;
  node.reconciler().AwaitInstalled([&installed] { installed = true; });
  node.RunUntil([&installed] { return installed; });
  return 1e3 * (WallSeconds() - asked);
}

// Takes what a source tells as the agent does, a slice a turn of the loop.
class Taking {
 public:
  Taking(SwitchedNode& node, reconcile::ObjectIntake& intake) : node_(node), intake_(intake) {}

  void Turn() {
    if (intake_.idle()) return;
    if (intake_.Step()) node_.reconciler().Poke();
    boost::asio::post(node_.io(), [this] { Turn(); });
  }

 private:
  SwitchedNode& node_;
  reconcile::ObjectIntake& intake_;
};

// The node knows namespaces, policies and its own pods. Then all pods of the cluster arrive, in
// batches as a watch brings them, and meanwhile pods are added one after the other.
Figures Once(const NodeView& view) {
  BenchSwitch bridge;
  SwitchedNode node(bridge.socket_path());
  node.Start();
  for (const size_t i : view.local) node.Attach(view.cluster.pods.at(i));
  const auto feed = [&node](const auto& events) { node.Apply(events); };
  ForEachChunk(view.cluster.namespaces, feed);
  ForEachChunk(view.cluster.policies, feed);
  node.AwaitIdle();
  std::vector<double> normal, during;
  for (size_t n = 0; n < kNormal; ++n) {
    normal.push_back(AddPod(node, NewPod(view, n)));
  }
  reconcile::ObjectIntake intake(node.state());
  for (size_t first = 0; first < view.cluster.pods.count; first += kWatchBatch) {
    std::vector<store::StoreEvent> batch;
    for (size_t i = first; i < std::min(first + kWatchBatch, view.cluster.pods.count); ++i) {
      batch.push_back(fakes::Present(view.cluster.pods.at(i)));
    }
    intake.Add(std::move(batch));
  }
  Taking taking(node, intake);
  taking.Turn();
  for (size_t n = kNormal; !intake.idle(); ++n) {
    during.push_back(AddPod(node, NewPod(view, n)));
  }
  return {{"normal", Percentile(normal, 0.5)},
          {"during", Percentile(during, 0.5)},
          {"worst", Percentile(during, 1)}};
}

}  // namespace

void RunBulk(Report& report) {
  const NodeView view = NodeViewOf(kPods);
  const Runs runs(kRounds, [&view] { return Once(view); });
  const double normal = runs.Median("normal");
  const std::string of = "bulk/a pod added while 100000 arrive/";
  report.Add(runs.Of("during", {.name = of + "median",
                                .unit = "ms",
                                .against = Row::Against{"an idle agent", normal},
                                .goal = normal + kAllowedDelay}));
  report.Add(runs.Of("worst", {.name = of + "worst",
                               .unit = "ms",
                               .against = Row::Against{"an idle agent", normal},
                               .goal = normal + kAllowedDelay}));
}

}  // namespace sluice::bench
