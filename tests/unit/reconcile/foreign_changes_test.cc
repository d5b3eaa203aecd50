#include <gtest/gtest.h>

#include "tests/unit/reconcile/flow_reconciler_fixture.h"

namespace sluice::reconcile {
namespace {

using ofctl::FlowKey;

TEST_F(FlowReconcilerTest, ForeignChangesArePutBackAndCounted) {
  Start();
  bridge_.Foreign({GateOf(10), std::nullopt});
  bridge_.Foreign({GateOf(99), kForeignBody});
  bridge_.Foreign({GateOf(10), kForeignBody});
  loop_.RunDue();
  EXPECT_TRUE(Installed());
  EXPECT_EQ(reconciler_.counters().foreign_changes, 3u);
}

TEST_F(FlowReconcilerTest, AForeignChangeThatMakesItRightIsNone) {
  Start();
  const size_t before = bridge_.commits();
  bridge_.Foreign({GateOf(10), *desired_.flows().Find(GateOf(10))});
  loop_.RunDue();
  EXPECT_EQ(bridge_.commits(), before);
  EXPECT_EQ(reconciler_.counters().foreign_changes, 0u);
}

TEST_F(FlowReconcilerTest, AForeignChangeDuringACommitIsPutBackAfterIt) {
  Start();
  bridge_.HoldAnswers();
  Isolate("web");
  loop_.RunDue();
  const FlowKey isolation = IsolationOf("10.0.0.1");
  ASSERT_TRUE(bridge_.flows().contains(isolation));
  bridge_.Foreign({isolation, std::nullopt});
  bridge_.Foreign({GateOf(10), kForeignBody});
  bridge_.ReleaseAnswers();
  loop_.RunDue();
  EXPECT_TRUE(Installed());
  EXPECT_TRUE(reconciler_.idle());
  EXPECT_EQ(reconciler_.counters().foreign_changes, 2u);
}

TEST_F(FlowReconcilerTest, AForeignChangeDuringTheDumpIsPutBack) {
  bridge_.flows() = desired_.flows().Flows();
  reconciler_.OnSourcesSynced();
  bridge_.HoldAnswers();
  bridge_.Connect();
  bridge_.Foreign({GateOf(10), std::nullopt});
  bridge_.ReleaseAnswers();
  loop_.RunDue();
  EXPECT_TRUE(Installed());
}

TEST_F(FlowReconcilerTest, AForeignChangeBeforeTheSourcesAreInSyncWaitsForThem) {
  bridge_.flows() = desired_.flows().Flows();
  bridge_.Connect();
  bridge_.Foreign({GateOf(10), std::nullopt});
  loop_.Advance(1000);
  EXPECT_EQ(bridge_.commits(), 0u);
  reconciler_.OnSourcesSynced();
  loop_.RunDue();
  EXPECT_TRUE(Installed());
}

TEST_F(FlowReconcilerTest, AConnectionLostDuringACommitIsReadBackWhenItReturns) {
  Start();
  bridge_.HoldAnswers();
  Isolate("web");
  loop_.RunDue();
  bridge_.Disconnect();
  loop_.Advance(5000);
  EXPECT_EQ(reconciler_.state(), SyncState::kDisconnected);
  bridge_.flows().clear();  // a switch that restarted
  bridge_.ReleaseAnswers();
  Attach("db", "10.0.0.2", 11);
  bridge_.Connect();
  loop_.RunDue();
  EXPECT_TRUE(Installed());
  EXPECT_TRUE(reconciler_.idle());
}

TEST_F(FlowReconcilerTest, AFailureOfALostConnectionLeavesTheNewOneAlone) {
  Start();
  bridge_.HoldAnswers();
  Isolate("web");
  loop_.RunDue();
  bridge_.Disconnect();
  bridge_.ReleaseAnswers();
  bridge_.Connect();
  loop_.Advance(5000);
  EXPECT_EQ(reconciler_.counters().commit_failures, 0u);
  EXPECT_EQ(bridge_.dumps(), 2u);
  EXPECT_TRUE(Installed());
}

}  // namespace
}  // namespace sluice::reconcile
