#include "agent/reconcile/desired_flows.h"

#include <gtest/gtest.h>

namespace sluice::reconcile {
namespace {

using ofctl::Flow;
using ofctl::FlowKey;
using ofctl::FlowMap;
using pipeline::Category;
using pipeline::OwnerId;

OwnerId Owner(uint64_t number) { return {Category::kRule, 0, 0, {0, number}}; }
FlowKey Key(uint16_t priority) { return {60, priority, {}}; }
Flow FlowOf(uint16_t priority, uint64_t cookie) { return {Key(priority), {cookie, {}}}; }

TEST(DesiredFlowsTest, AnOwnerReplacesItsFlowsAsAWhole) {
  DesiredFlows desired;
  desired.Set({Owner(1), {FlowOf(1, 10), FlowOf(2, 10)}});
  desired.Set({Owner(1), {FlowOf(2, 11), FlowOf(3, 11)}});
  EXPECT_EQ(desired.Flows(), (FlowMap{{Key(2), {11, {}}}, {Key(3), {11, {}}}}));
  desired.Set({Owner(1), {}});
  EXPECT_EQ(desired.size(), 0u);
  EXPECT_EQ(desired.OwnerOf(Key(2)), std::nullopt);
}

TEST(DesiredFlowsTest, OfTwoOwnersTheFirstByOrderHasTheFlowInAnyOrderOfArrival) {
  DesiredFlows one_two;
  one_two.Set({Owner(1), {FlowOf(1, 10)}});
  one_two.Set({Owner(2), {FlowOf(1, 20)}});
  DesiredFlows two_one;
  two_one.Set({Owner(2), {FlowOf(1, 20)}});
  two_one.Set({Owner(1), {FlowOf(1, 10)}});
  EXPECT_EQ(one_two.Flows(), (FlowMap{{Key(1), {10, {}}}}));
  EXPECT_EQ(two_one.Flows(), one_two.Flows());
  EXPECT_EQ(two_one.OwnerOf(Key(1)), Owner(1));
}

TEST(DesiredFlowsTest, AWaitingClaimTakesOverWhenTheFirstGoes) {
  DesiredFlows desired;
  desired.Set({Owner(1), {FlowOf(1, 10)}});
  desired.Set({Owner(2), {FlowOf(1, 20)}});
  FlowMap installed = desired.Flows();
  desired.TakeDelta(installed);
  desired.Set({Owner(1), {}});
  EXPECT_EQ(desired.Find(Key(1))->cookie, 20u);
  const ofctl::FlowDelta delta = desired.TakeDelta(installed);
  EXPECT_EQ(delta.set, (std::vector<Flow>{FlowOf(1, 20)}));
  EXPECT_TRUE(delta.remove.empty());
}

TEST(DesiredFlowsTest, DeltasHoldWhatDiffersFromTheInstalled) {
  const FlowMap installed{{Key(1), {10, {}}}, {Key(2), {99, {}}}, {Key(4), {10, {}}}};
  const auto touched = [] {
    DesiredFlows desired;
    desired.Set({Owner(0), {}});
    desired.TakeDelta({});
    desired.Set({Owner(1), {FlowOf(1, 10), FlowOf(2, 10), FlowOf(3, 10)}});
    return desired;
  };
  const ofctl::FlowDelta dirty = touched().TakeDelta(installed);
  EXPECT_TRUE(dirty.remove.empty()) << "nobody touched key 4";
  EXPECT_EQ(dirty.set.size(), 2u);

  DesiredFlows desired = touched();
  const ofctl::FlowDelta full = desired.TakeFullDelta(installed);
  EXPECT_EQ(full.remove, (std::vector<FlowKey>{Key(4)}));
  EXPECT_EQ(full.set.size(), 2u);
  EXPECT_FALSE(desired.dirty());
  FlowMap after = installed;
  ofctl::Apply(full, after);
  EXPECT_EQ(after, desired.Flows());
}

TEST(DesiredFlowsTest, TheFirstTimeAllKeysAreDirtyThoseOfOthersAsWell) {
  DesiredFlows desired;
  EXPECT_FALSE(desired.dirty());
  desired.Set({Owner(1), {FlowOf(1, 10)}});
  const ofctl::FlowDelta delta = desired.TakeDelta({{Key(4), {10, {}}}});
  EXPECT_EQ(delta.remove, (std::vector<FlowKey>{Key(4)}));
  EXPECT_EQ(delta.set, (std::vector<Flow>{FlowOf(1, 10)}));
}

TEST(DesiredFlowsTest, AFlowThatChangesOwnersAndIsThenGivenUpIsGone) {
  // given that a key was claimed, waited for, and given up in both orders
  DesiredFlows desired;
  desired.Set({Owner(1), {FlowOf(1, 10), FlowOf(2, 10)}});
  desired.Set({Owner(2), {FlowOf(1, 20)}});
  desired.Set({Owner(1), {FlowOf(2, 10)}});
  desired.Set({Owner(2), {}});
  EXPECT_EQ(desired.Flows(), (FlowMap{{Key(2), {10, {}}}}));
  desired.Set({Owner(1), {}});
  EXPECT_EQ(desired.Flows(), FlowMap());
}

TEST(DesiredFlowsTest, TakingADeltaCleansUntilSomethingIsTouched) {
  DesiredFlows desired;
  desired.Set({Owner(1), {FlowOf(1, 10)}});
  EXPECT_TRUE(desired.dirty());
  desired.TakeDelta({});
  EXPECT_FALSE(desired.dirty());
  EXPECT_TRUE(desired.TakeDelta({}).empty());
  desired.MarkDirty(Key(1));
  EXPECT_EQ(desired.TakeDelta({}).set.size(), 1u);
}

TEST(DesiredFlowsTest, OfAKeyThatAnOwnerNamesTwiceTheLastCounts) {
  DesiredFlows desired;
  desired.Set({Owner(1), {FlowOf(1, 10), FlowOf(1, 11)}});
  EXPECT_EQ(desired.Flows(), (FlowMap{{Key(1), {11, {}}}}));
  desired.Set({Owner(1), {}});
  EXPECT_EQ(desired.Flows(), FlowMap());
}

TEST(DesiredFlowsTest, SettingTheSameAgainIsNoChange) {
  DesiredFlows desired;
  desired.Set({Owner(1), {FlowOf(1, 10)}});
  desired.TakeDelta({});
  const Revision before = desired.revision();
  desired.Set({Owner(1), {FlowOf(1, 10)}});
  EXPECT_EQ(desired.revision(), before);
  EXPECT_FALSE(desired.dirty());
}

TEST(DesiredFlowsTest, ThereAndBackCostsNothing) {
  DesiredFlows desired;
  desired.Set({Owner(1), {FlowOf(1, 10)}});
  FlowMap installed = desired.Flows();
  desired.TakeDelta(installed);
  desired.Set({Owner(1), {FlowOf(1, 11)}});
  desired.Set({Owner(1), {FlowOf(1, 10)}});
  EXPECT_TRUE(desired.TakeDelta(installed).empty());
}

}  // namespace
}  // namespace sluice::reconcile
