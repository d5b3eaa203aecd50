// After every event of a random history, the explanation's verdict is the engine's.
#include <gtest/gtest.h>

#include "agent/explain/explain.h"
#include "agent/policy/policy_engine.h"
#include "tests/fakes/builders.h"
#include "tests/fakes/random_cluster.h"

namespace sluice::explain {
namespace {

using fakes::ClusterEvent;
using fakes::RandomCluster;

constexpr uint32_t kSeeds = 300;
constexpr int kEvents = 40;
constexpr int kConnections = 40;

store::StoreDelta Feed(store::ClusterStore& store, const ClusterEvent& event) {
  if (const auto* object = std::get_if<store::StoreEvent>(&event)) return store.Apply(*object);
  if (const auto* endpoint = std::get_if<store::Endpoint>(&event)) {
    return store.PutEndpoint(*endpoint);
  }
  return store.RemoveEndpoint(std::get<store::AttachmentId>(event));
}

// The next event; pods call some of their ports "http", the name that the policies ask for.
ClusterEvent NextWithNamedPorts(RandomCluster& cluster) {
  ClusterEvent event = cluster.Next();
  auto* change = std::get_if<store::StoreEvent>(&event);
  if (change == nullptr || !change->object) return event;
  if (auto* pod = std::get_if<store::Pod>(&*change->object)) {
    const std::vector<uint16_t> numbers = {80, 81, 443};
    for (const store::Protocol protocol : {store::Protocol::kTcp, store::Protocol::kUdp}) {
      if (cluster.Below(3) == 0) continue;
      pod->ports.push_back({"http", protocol, numbers[cluster.Below(3)]});
    }
  }
  return event;
}

// How many directions were compared, by what came of them.
struct Census {
  int allowed = 0;
  int denied = 0;
};

bool Judgeable(const policy::Connection& connection) {
  const auto protocol = connection.ip_protocol;
  return (protocol == 6 || protocol == 17 || protocol == 132) && connection.port != 0 &&
         connection.source != connection.destination &&
         connection.source.family() == connection.destination.family();
}

Question QuestionOf(const policy::Connection& connection) {
  return {.source = connection.source,
          .destination = connection.destination,
          .port = connection.port,
          .protocol = static_cast<store::Protocol>(connection.ip_protocol)};
}

testing::AssertionResult Same(const DirectionExplanation& explained,
                              const policy::DirectionVerdict& judged, Census& census) {
  const bool allowed = explained.outcome == Outcome::kAllowed;
  if (explained.judged_by != JudgedBy::kThisNode) {
    if (!judged.isolated) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "isolated here, though it is judged elsewhere";
  }
  if (explained.isolated == judged.isolated && allowed == judged.allowed()) {
    if (judged.isolated) ++(allowed ? census.allowed : census.denied);
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure()
         << store::ToString(explained.direction) << ": explained as " << ToString(explained.outcome)
         << " (" << explained.words << "), judged allowed " << judged.allowed() << " isolated "
         << judged.isolated;
}

testing::AssertionResult SameVerdicts(const View& view, const policy::PolicyEngine& engine,
                                      RandomCluster& cluster, Census& census) {
  for (int i = 0; i < kConnections; ++i) {
    const policy::Connection connection = cluster.SomeConnection();
    if (!Judgeable(connection)) continue;
    const policy::Verdict verdict = engine.Judge(connection);
    const Explanation explanation = Explain(view, QuestionOf(connection));
    const PathExplanation& path = explanation.paths.at(0);
    for (const auto& same :
         {Same(path.egress, verdict.egress, census), Same(path.ingress, verdict.ingress, census)}) {
      if (same) continue;
      return testing::AssertionFailure() << path.source << " -> " << path.destination << ":"
                                         << path.port << ": " << same.message();
    }
  }
  return testing::AssertionSuccess();
}

TEST(ExplainPropertyTest, ThisNodesSideIsWhatItsEngineJudges) {
  Census census;
  for (uint32_t seed = 0; seed < kSeeds; ++seed) {
    RandomCluster cluster({.seed = seed});
    store::ClusterStore store;
    policy::PolicyEngine engine(store);
    for (int step = 0; step < kEvents; ++step) {
      const ClusterEvent event = NextWithNamedPorts(cluster);
      engine.Apply(Feed(store, event));
      engine.TakeChanges();
      ASSERT_TRUE(SameVerdicts({.store = store, .node_addresses = {}}, engine, cluster, census))
          << "seed " << seed << ", event " << step << ": " << fakes::ToString(event);
    }
  }
  EXPECT_GT(census.allowed, 5'000);
  EXPECT_GT(census.denied, 5'000);
}

// Away from any node (kAll) every pod is judged as the engine of a node that had them all would.
TEST(ExplainPropertyTest, WithoutANodeEveryPodIsJudgedAsIfItWereLocal) {
  Census census;
  for (uint32_t seed = 0; seed < kSeeds; ++seed) {
    RandomCluster cluster({.seed = seed});
    store::ClusterStore objects;
    store::ClusterStore attached;
    policy::PolicyEngine engine(attached);
    for (int step = 0; step < kEvents; ++step) {
      const ClusterEvent event = NextWithNamedPorts(cluster);
      if (!std::holds_alternative<store::StoreEvent>(event)) continue;
      Feed(objects, event);
      engine.Apply(Feed(attached, event));
    }
    objects.ForEachPod([&](const store::PodState& pod) {
      const auto object = *objects.FindPodObject(pod.key);
      engine.Apply(attached.PutEndpoint(fakes::EndpointOf(object, OfPort{9})));
    });
    const View view{
        .store = objects, .node_addresses = {}, .judged = View::Judged::kAll, .pod_ranges = {}};
    for (int i = 0; i < 10; ++i) {
      ASSERT_TRUE(SameVerdicts(view, engine, cluster, census)) << "seed " << seed;
    }
  }
  EXPECT_GT(census.allowed, 5'000);
  EXPECT_GT(census.denied, 5'000);
}

}  // namespace
}  // namespace sluice::explain
