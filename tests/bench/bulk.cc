#include <boost/asio/post.hpp>

#include "tests/bench/measure.h"
#include "tests/bench/scenario.h"
#include "tests/bench/switched_node.h"
#include "tests/fakes/builders.h"

namespace sluice::bench {
namespace {

constexpr size_t kPods = 100'000;
constexpr int kRounds = 5;

// A pod of this node that is no part of the cluster's shape.
store::Pod NewPod(const NodeView& view, const std::string& suffix) {
  store::Pod pod = view.cluster.pods.at(view.local.front());
  pod.key.name += suffix;
  pod.uid += suffix;
  pod.ips = {PodAddress(view.cluster.pods.count + 1)};
  return pod;
}

// What of ADD is the agent's: from the endpoint to the switch's reply, in ms.
double AddPod(SwitchedNode& node, const store::Pod& pod, double asked) {
  node.Attach(pod);
  node.Apply({fakes::Present(pod)});
  bool installed = false;
  node.reconciler().AwaitInstalled([&installed] { installed = true; });
  node.RunUntil([&installed] { return installed; });
  return 1e3 * (WallSeconds() - asked);
}

// The node knows namespaces, policies and its own pods; then all pods of the cluster arrive, chunk
// by chunk as from a source, and a pod is to be added while the first chunk is looked at.
Figures Once(const NodeView& view) {
  BenchSwitch bridge;
  SwitchedNode node(bridge.socket_path());
  node.Start();
  for (const size_t i : view.local) node.Attach(view.cluster.pods.at(i));
  const auto feed = [&node](const auto& events) { node.Apply(events); };
  ForEachChunk(view.cluster.namespaces, feed);
  ForEachChunk(view.cluster.policies, feed);
  node.AwaitIdle();
  Figures figures;
  figures["normal"] = AddPod(node, NewPod(view, "-before"), WallSeconds());

  std::vector<std::vector<store::StoreEvent>> chunks;
  ForEachChunk(view.cluster.pods,
               [&chunks](std::vector<store::StoreEvent> events) { chunks.push_back(events); });
  for (const auto& chunk : chunks) {
    boost::asio::post(node.io(), [&node, &chunk] {
      node.Apply(chunk);
      node.reconciler().Poke();
    });
  }
  // An ADD that came just after the first chunk: its turn is after what is queued already.
  const double asked = WallSeconds();
  bool done = false;
  boost::asio::post(node.io(), [&] { done = true; });
  node.RunUntil([&done] { return done; });
  figures["during"] = AddPod(node, NewPod(view, "-during"), asked);
  return figures;
}

}  // namespace

void RunBulk(Report& report) {
  const NodeView view = NodeViewOf(kPods);
  const Runs runs(kRounds, [&view] { return Once(view); });
  Row row = runs.Of("during", {.name = "bulk/a pod added while 100000 arrive",
                               .unit = "ms",
                               .against = Row::Against{"an idle agent", runs.Median("normal")}});
  row.goal = 20 + runs.Median("normal");
  report.Add(std::move(row));
}

}  // namespace sluice::bench
