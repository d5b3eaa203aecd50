// After every event of a random history the engine says what the specification says.
#include <gtest/gtest.h>

#include "agent/policy/policy_engine.h"
#include "tests/fakes/random_cluster.h"
#include "tests/unit/policy/brute_force.h"

namespace sluice::policy {
namespace {

using fakes::ClusterEvent;
using fakes::RandomCluster;

constexpr uint32_t kSeeds = 400;
constexpr int kEvents = 40;
constexpr int kConnections = 60;

store::StoreDelta Feed(store::ClusterStore& store, const ClusterEvent& event) {
  if (const auto* object = std::get_if<store::StoreEvent>(&event)) return store.Apply(*object);
  if (const auto* endpoint = std::get_if<store::Endpoint>(&event)) {
    return store.PutEndpoint(*endpoint);
  }
  return store.RemoveEndpoint(std::get<store::AttachmentId>(event));
}

std::string ToString(const Connection& connection) {
  return connection.source.ToString() + " -> " + connection.destination.ToString() + " proto " +
         std::to_string(connection.ip_protocol) + " port " + std::to_string(connection.port);
}

// How many verdicts were of each kind: a property over trivial cases would prove nothing.
struct Census {
  int isolated_and_allowed = 0;
  int isolated_and_denied = 0;
};

testing::AssertionResult SameVerdicts(const PolicyEngine& engine, RandomCluster& cluster,
                                      Census& census) {
  const BruteForce oracle(cluster.state());
  for (int i = 0; i < kConnections; ++i) {
    const Connection connection = cluster.SomeConnection();
    const Verdict verdict = engine.Judge(connection);
    const BruteVerdict expected = oracle.Judge(connection);
    if (verdict.egress.isolated != expected.egress_isolated ||
        verdict.egress.allowed() != expected.egress_allowed ||
        verdict.ingress.isolated != expected.ingress_isolated ||
        verdict.ingress.allowed() != expected.ingress_allowed) {
      return testing::AssertionFailure()
             << ToString(connection) << ": egress isolated " << verdict.egress.isolated
             << " allowed " << verdict.egress.allowed() << ", expected " << expected.egress_isolated
             << " " << expected.egress_allowed << "; ingress isolated " << verdict.ingress.isolated
             << " allowed " << verdict.ingress.allowed() << ", expected "
             << expected.ingress_isolated << " " << expected.ingress_allowed;
    }
    if (expected.egress_isolated) {
      ++(expected.egress_allowed ? census.isolated_and_allowed : census.isolated_and_denied);
    }
    if (expected.ingress_isolated) {
      ++(expected.ingress_allowed ? census.isolated_and_allowed : census.isolated_and_denied);
    }
  }
  return testing::AssertionSuccess();
}

TEST(PolicyPropertyTest, EveryVerdictIsTheSpecificationsAfterEveryEvent) {
  Census census;
  for (uint32_t seed = 0; seed < kSeeds; ++seed) {
    RandomCluster cluster({.seed = seed});
    store::ClusterStore store;
    PolicyEngine engine(store);
    for (int step = 0; step < kEvents; ++step) {
      const ClusterEvent event = cluster.Next();
      engine.Apply(Feed(store, event));
      // Half of the histories are rendered now and then only, as a burst of events is.
      if (seed % 2 == 0 || step % 5 == 0) engine.TakeChanges();
      ASSERT_TRUE(SameVerdicts(engine, cluster, census))
          << "seed " << seed << ", event " << step << ": " << fakes::ToString(event);
    }
  }
  EXPECT_GT(census.isolated_and_allowed, 10'000);
  EXPECT_GT(census.isolated_and_denied, 10'000);
}

// What was acquired is released: with the last policy gone, nothing is left to tell apart.
TEST(PolicyPropertyTest, NothingOutlivesThePolicies) {
  for (uint32_t seed = 0; seed < 100; ++seed) {
    RandomCluster cluster({.seed = seed});
    store::ClusterStore store;
    PolicyEngine engine(store);
    for (int step = 0; step < kEvents; ++step) engine.Apply(Feed(store, cluster.Next()));
    for (const auto& [key, object] : cluster.state().objects) {
      if (key.first != store::ObjectKind::kNetworkPolicy) continue;
      engine.Apply(store.Apply({key.first, key.second, std::nullopt}));
    }
    engine.TakeChanges();
    for (const Side side : {Side::kSource, Side::kDestination}) {
      EXPECT_TRUE(engine.classes(side).Entries().empty()) << "seed " << seed;
      EXPECT_LE(engine.classes(side).class_count(), 1u) << "seed " << seed;
    }
    EXPECT_EQ(engine.rules(store::Direction::kIngress).size(), 0u) << "seed " << seed;
    EXPECT_EQ(engine.rules(store::Direction::kEgress).size(), 0u) << "seed " << seed;
  }
}

}  // namespace
}  // namespace sluice::policy
