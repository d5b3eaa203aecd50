#include "agent/reconcile/flow_reconciler.h"

#include <gtest/gtest.h>

#include "tests/unit/reconcile/flow_reconciler_fixture.h"

namespace sluice::reconcile {
namespace {

using fakes::FakeBridge;

TEST_F(FlowReconcilerTest, NothingIsWrittenBeforeTheSourcesAreInSync) {
  bridge_.flows()[GateOf(99)] = kForeignBody;  // what a predecessor left
  bridge_.Connect();
  loop_.Advance(10'000);
  EXPECT_EQ(reconciler_.state(), SyncState::kWaitingForSources);
  EXPECT_EQ(bridge_.commits(), 0u);
  EXPECT_TRUE(bridge_.flows().contains(GateOf(99)));
  reconciler_.OnSourcesSynced();
  loop_.RunDue();
  EXPECT_TRUE(Installed());
  EXPECT_EQ(bridge_.commits(), 1u);
}

TEST_F(FlowReconcilerTest, SourcesMayBeInSyncBeforeTheSwitchIsThere) {
  reconciler_.OnSourcesSynced();
  loop_.Advance(1000);
  EXPECT_EQ(bridge_.commits(), 0u);
  bridge_.Connect();
  loop_.RunDue();
  EXPECT_TRUE(Installed());
}

TEST_F(FlowReconcilerTest, ARestartWithNothingChangedSendsNothing) {
  bridge_.flows() = desired_.flows().Flows();  // the predecessor's
  bridge_.Connect();
  reconciler_.OnSourcesSynced();
  loop_.Advance(10'000);
  EXPECT_EQ(reconciler_.state(), SyncState::kInSync);
  EXPECT_EQ(bridge_.commits(), 0u);
  EXPECT_TRUE(reconciler_.idle());
}

TEST_F(FlowReconcilerTest, ChangesOfOneTurnGoOutInOneBundle) {
  Start();
  const size_t before = bridge_.commits();
  Attach("db", "10.0.0.2", 11);
  Isolate("db");
  Isolate("web");
  loop_.RunDue();
  EXPECT_EQ(bridge_.commits(), before + 1);
  EXPECT_TRUE(Installed());
}

TEST_F(FlowReconcilerTest, NothingIsCommittedWhileTheDesiredFlowsAreBeingReplaced) {
  Start();
  const size_t before = bridge_.commits();
  desired_.BeginReplacing();
  Isolate("web");
  bool installed = false;
  reconciler_.AwaitInstalled([&installed] { installed = true; });
  loop_.Advance(10'000);
  EXPECT_EQ(bridge_.commits(), before);
  EXPECT_FALSE(installed);
  EXPECT_FALSE(reconciler_.idle());
  desired_.EndReplacing();
  reconciler_.Poke();
  loop_.RunDue();
  EXPECT_EQ(bridge_.commits(), before + 1);
  EXPECT_TRUE(installed);
  EXPECT_TRUE(Installed());
}

TEST_F(FlowReconcilerTest, ASwitchThatComesBackMeanwhileIsComparedAsAWholeAfterwards) {
  Start();
  desired_.BeginReplacing();
  bridge_.Disconnect();
  bridge_.flows().clear();
  bridge_.Connect();
  loop_.RunDue();
  EXPECT_EQ(reconciler_.state(), SyncState::kInSync);
  EXPECT_TRUE(bridge_.flows().empty());
  EXPECT_FALSE(reconciler_.idle());
  desired_.EndReplacing();
  reconciler_.Poke();
  loop_.RunDue();
  EXPECT_TRUE(Installed());
}

TEST_F(FlowReconcilerTest, OneBundleAtATime) {
  Start();
  bridge_.HoldAnswers();
  Isolate("web");
  loop_.RunDue();
  Attach("db", "10.0.0.2", 11);
  loop_.RunDue();
  EXPECT_EQ(bridge_.commits(), 2u);  // a second one in flight would CHECK
  bridge_.ReleaseAnswers();
  loop_.RunDue();
  EXPECT_EQ(bridge_.commits(), 3u);
  EXPECT_TRUE(Installed());
}

class FailedCommitTest : public FlowReconcilerTest,
                         public testing::WithParamInterface<FakeBridge::Fate> {};

TEST_P(FailedCommitTest, TheFlowsAreReadBackAndTheDifferenceIsSent) {
  Start();
  bridge_.FailCommit({.nth = 1, .fate = GetParam()});
  Attach("db", "10.0.0.2", 11);
  loop_.RunDue();
  EXPECT_EQ(reconciler_.state(), SyncState::kDumping);
  EXPECT_EQ(bridge_.dumps(), 1u) << "not at once: the switch may need a moment";
  loop_.Advance(1000);
  EXPECT_EQ(bridge_.dumps(), 2u);
  EXPECT_EQ(bridge_.commits(), GetParam() == FakeBridge::Fate::kLost ? 3u : 2u);
  EXPECT_TRUE(Installed());
  EXPECT_TRUE(reconciler_.idle());
  EXPECT_EQ(reconciler_.counters().commit_failures, 1u);
  EXPECT_EQ(reconciler_.counters().quarantines, 0u);
}

INSTANTIATE_TEST_SUITE_P(LostOrApplied, FailedCommitTest,
                         testing::Values(FakeBridge::Fate::kLost, FakeBridge::Fate::kApplied));

TEST_F(FlowReconcilerTest, ARefusedOwnerIsQuarantinedAndTheOthersGoThrough) {
  Start();
  bridge_.Refuse(GateOf(11));
  Attach("db", "10.0.0.2", 11);
  Attach("api", "10.0.0.3", 12);
  loop_.RunDue();
  EXPECT_TRUE(bridge_.flows().contains(GateOf(12)));
  EXPECT_FALSE(bridge_.flows().contains(GateOf(11)));
  EXPECT_EQ(desired_.quarantined(),
            (std::set<pipeline::OwnerId>{pipeline::EndpointOwner({"shop-db", "eth0"})}));
  EXPECT_EQ(reconciler_.counters().quarantines, 1u);
  EXPECT_TRUE(Installed());
}

TEST_F(FlowReconcilerTest, EndpointsOfAQuarantinedClassAreClosed) {
  Attach("db", "10.0.0.2", 11);
  Isolate("db");
  bridge_.Refuse(IsolationOf("10.0.0.2"));
  bridge_.Connect();
  reconciler_.OnSourcesSynced();
  loop_.RunDue();
  EXPECT_TRUE(bridge_.flows().contains(GateOf(10)));
  EXPECT_FALSE(bridge_.flows().contains(GateOf(11))) << "open without its isolation";
  EXPECT_TRUE(reconciler_.idle());
}

TEST_F(FlowReconcilerTest, WhatWasRefusedGetsAnotherChance) {
  Start();
  bridge_.Refuse(GateOf(11));
  Attach("db", "10.0.0.2", 11);
  loop_.Advance(29'000);
  const size_t commits = bridge_.commits();
  EXPECT_LE(commits, 4u) << "not again and again";
  bridge_.Accept(GateOf(11));
  loop_.Advance(2'000);
  EXPECT_TRUE(bridge_.flows().contains(GateOf(11)));
  EXPECT_TRUE(desired_.quarantined().empty());
}

TEST_F(FlowReconcilerTest, AnotherSwitchIsAnotherChance) {
  Start();
  bridge_.Refuse(GateOf(11));
  Attach("db", "10.0.0.2", 11);
  loop_.RunDue();
  ASSERT_FALSE(desired_.quarantined().empty());
  bridge_.Disconnect();
  bridge_.Accept(GateOf(11));
  bridge_.Connect();
  loop_.RunDue();
  EXPECT_TRUE(bridge_.flows().contains(GateOf(11)));
}

TEST_F(FlowReconcilerTest, ARefusalThatNobodyOwnsIsNotRepeatedInAHotLoop) {
  bridge_.flows()[GateOf(99)] = kForeignBody;
  bridge_.RefuseRemovalOf(GateOf(99));
  bridge_.Connect();
  reconciler_.OnSourcesSynced();
  loop_.Advance(10'000);
  EXPECT_LE(bridge_.commits(), 12u);
  EXPECT_GE(bridge_.commits(), 2u);
  bridge_.Accept(GateOf(99));
  loop_.Advance(1'000);
  EXPECT_TRUE(Installed());
}

TEST_F(FlowReconcilerTest, CountsWhatTheSwitchAcknowledged) {
  Start();
  EXPECT_EQ(reconciler_.counters().commits, 1u);
  EXPECT_EQ(reconciler_.counters().flow_mods, bridge_.flows().size());
}

}  // namespace
}  // namespace sluice::reconcile
