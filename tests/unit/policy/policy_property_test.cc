// After every event of a random history the engine says what the specification says.
#include <gtest/gtest.h>

#include "agent/policy/policy_engine.h"
#include "tests/fakes/random_cluster.h"
#include "tests/oracle/oracle.h"

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

std::string ToString(const oracle::Side& side) {
  return std::string(side.isolated ? "isolated " : "open ") + (side.allowed ? "allowed" : "denied");
}
std::string ToString(const oracle::Verdict& verdict) {
  return "egress " + ToString(verdict.egress) + ", ingress " + ToString(verdict.ingress);
}

oracle::Cluster ClusterOf(const fakes::ClusterState& state) {
  oracle::Cluster cluster;
  for (const auto& [key, object] : state.objects) {
    if (const auto* ns = std::get_if<store::Namespace>(&object)) cluster.namespaces[ns->name] = *ns;
    if (const auto* pod = std::get_if<store::Pod>(&object)) cluster.pods[pod->key] = *pod;
    const auto* policy = std::get_if<store::NetworkPolicy>(&object);
    if (policy != nullptr) cluster.policies[policy->key] = *policy;
  }
  cluster.endpoints = state.endpoints;
  return cluster;
}

testing::AssertionResult SameVerdicts(const PolicyEngine& engine, RandomCluster& cluster,
                                      Census& census) {
  const oracle::Cluster present = ClusterOf(cluster.state());
  const oracle::Oracle oracle(present);
  for (int i = 0; i < kConnections; ++i) {
    const Connection connection = cluster.SomeConnection();
    const Verdict verdict = engine.Judge(connection);
    const oracle::Verdict said{{verdict.egress.isolated, verdict.egress.allowed()},
                               {verdict.ingress.isolated, verdict.ingress.allowed()}};
    const oracle::Verdict expected = oracle.Judge(
        {connection.source, connection.destination, connection.ip_protocol, connection.port});
    if (said != expected) {
      return testing::AssertionFailure() << ToString(connection) << ": " << ToString(said)
                                         << ", expected " << ToString(expected);
    }
    for (const oracle::Side& side : {expected.egress, expected.ingress}) {
      if (side.isolated)
        ++(side.allowed ? census.isolated_and_allowed : census.isolated_and_denied);
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
