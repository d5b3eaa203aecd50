// Order does not matter: however the same cluster came about, the flows are the same, byte for
// byte.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/unit/reconcile/desired_state_feed.h"

namespace sluice::reconcile {
namespace {

using fakes::ClusterEvent;
using fakes::ClusterState;
using fakes::RandomCluster;

constexpr uint32_t kSeeds = 120;
constexpr int kEvents = 60;

ofctl::FlowMap FlowsOf(const std::vector<ClusterEvent>& events) {
  DesiredState state(TestNode());
  for (const ClusterEvent& event : events) Feed(state, event);
  return state.flows().Flows();
}

// All objects in one step, as a source delivers them when the agent starts.
ofctl::FlowMap FlowsInOneStep(const ClusterState& cluster) {
  DesiredState state(TestNode());
  for (const auto& [id, endpoint] : cluster.endpoints) state.PutEndpoint(endpoint);
  std::vector<store::StoreEvent> events;
  for (const auto& [key, object] : cluster.objects) events.push_back(fakes::Present(object));
  state.Apply(events);
  return state.flows().Flows();
}

testing::AssertionResult Equal(const ofctl::FlowMap& flows, const ofctl::FlowMap& expected) {
  const ofctl::FlowDelta delta = ofctl::Diff(expected, flows);
  if (delta.empty()) return testing::AssertionSuccess();
  auto failure = testing::AssertionFailure();
  for (const auto& key : delta.remove) failure << "\nnot expected: " << ofctl::ToString(key);
  for (const auto& flow : delta.set) failure << "\nexpected: " << ofctl::ToString(flow);
  return failure;
}

// Somebody who comes and goes, or what something was before it became what it is.
std::vector<ClusterEvent> Detour(const ClusterState& other, const ClusterState& end) {
  std::vector<ClusterEvent> events = other.Events();
  for (const auto& [key, object] : other.objects) {
    if (!end.objects.contains(key)) events.emplace_back(fakes::Gone(object));
  }
  for (const auto& [id, endpoint] : other.endpoints) {
    if (!end.endpoints.contains(id)) events.emplace_back(id);
  }
  return events;
}

TEST(OrderTest, AnyHistoryEndsInTheFlowsOfItsEnd) {
  for (uint32_t seed = 0; seed < kSeeds; ++seed) {
    RandomCluster cluster({.seed = seed});
    DesiredState lived(TestNode());
    for (int i = 0; i < kEvents; ++i) Feed(lived, cluster.Next());
    const ofctl::FlowMap expected = FlowsInOneStep(cluster.state());
    ASSERT_TRUE(Equal(lived.flows().Flows(), expected)) << "seed " << seed;
    EXPECT_EQ(lived.flows().Flows(), expected);
  }
}

TEST(OrderTest, AnyShuffleEndsInTheSameFlows) {
  for (uint32_t seed = 0; seed < kSeeds; ++seed) {
    RandomCluster cluster({.seed = seed});
    for (int i = 0; i < kEvents; ++i) cluster.Next();
    const ofctl::FlowMap expected = FlowsInOneStep(cluster.state());
    std::vector<ClusterEvent> events = cluster.state().Events();
    std::mt19937 random(seed);
    for (int shuffle = 0; shuffle < 4; ++shuffle) {
      std::shuffle(events.begin(), events.end(), random);
      ASSERT_TRUE(Equal(FlowsOf(events), expected)) << "seed " << seed << " shuffle " << shuffle;
    }
  }
}

TEST(OrderTest, DetoursLeaveNoTrace) {
  for (uint32_t seed = 0; seed < kSeeds; ++seed) {
    RandomCluster cluster({.seed = seed});
    RandomCluster elsewhere({.seed = seed + 10'000});
    for (int i = 0; i < kEvents; ++i) cluster.Next();
    for (int i = 0; i < kEvents; ++i) elsewhere.Next();
    std::vector<ClusterEvent> events = Detour(elsewhere.state(), cluster.state());
    for (const ClusterEvent& event : cluster.state().Events()) events.push_back(event);
    ASSERT_TRUE(Equal(FlowsOf(events), FlowsInOneStep(cluster.state()))) << "seed " << seed;
  }
}

// Incremental equals from scratch for the sender as well: the dirty keys are all that differ.
TEST(OrderTest, TheDeltasOfAHistoryAddUpToItsFlows) {
  for (uint32_t seed = 0; seed < kSeeds; ++seed) {
    RandomCluster cluster({.seed = seed});
    DesiredState state(TestNode());
    ofctl::FlowMap installed;
    for (int i = 0; i < kEvents; ++i) {
      Feed(state, cluster.Next());
      if (i % 3 == 2) continue;  // some changes go out together
      ofctl::Apply(state.flows().TakeDelta(installed), installed);
      ASSERT_TRUE(Equal(installed, state.flows().Flows())) << "seed " << seed << " event " << i;
    }
  }
}

TEST(OrderTest, TheNodesPortsMayChangeAtAnyTime) {
  RandomCluster cluster({.seed = 7});
  pipeline::NodePorts other = TestNode();
  other.gateway = {9};
  other.mac = MacAddress({2, 0, 0, 0, 0, 9});
  DesiredState early(other);
  DesiredState late(TestNode());
  for (int i = 0; i < kEvents; ++i) {
    const ClusterEvent event = cluster.Next();
    Feed(early, event);
    Feed(late, event);
  }
  late.SetNode(other);
  EXPECT_TRUE(Equal(late.flows().Flows(), early.flows().Flows()));
}

}  // namespace
}  // namespace sluice::reconcile
