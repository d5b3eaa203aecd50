#include <gtest/gtest.h>

#include "tests/unit/reconcile/flow_reconciler_fixture.h"

namespace sluice::reconcile {
namespace {

using fakes::FakeBridge;

TEST_F(FlowReconcilerTest, AwaitInstalledWaitsForTheCommitReply) {
  Start();
  bridge_.HoldAnswers();
  Isolate("web");
  bool installed = false;
  reconciler_.AwaitInstalled([&] { installed = true; });
  loop_.Advance(1000);
  EXPECT_EQ(bridge_.commits(), 2u);
  EXPECT_FALSE(installed);
  bridge_.ReleaseAnswers();
  loop_.RunDue();
  EXPECT_TRUE(installed);
}

TEST_F(FlowReconcilerTest, AwaitInstalledWaitsForTheBundleThatHoldsItsChange) {
  Start();
  bridge_.HoldAnswers();
  Isolate("web");
  loop_.RunDue();  // in flight, without what follows
  Attach("db", "10.0.0.2", 11);
  bool with_db = false;
  reconciler_.AwaitInstalled([&] { with_db = bridge_.flows().contains(GateOf(11)); });
  loop_.RunDue();
  EXPECT_FALSE(with_db);
  bridge_.ReleaseAnswers();
  loop_.RunDue();
  EXPECT_TRUE(with_db);
}

TEST_F(FlowReconcilerTest, AwaitInstalledDoesNotRunOnFailureButAfterTheRepair) {
  Start();
  bridge_.FailCommit({.nth = 1, .fate = FakeBridge::Fate::kLost});
  Isolate("web");
  bool installed = false;
  reconciler_.AwaitInstalled([&] {
    installed = true;
    EXPECT_TRUE(Installed());
  });
  loop_.RunDue();
  EXPECT_FALSE(installed);
  loop_.Advance(1000);
  EXPECT_TRUE(installed);
}

TEST_F(FlowReconcilerTest, AwaitInstalledDoesNotRunWhileDisconnected) {
  bool installed = false;
  reconciler_.AwaitInstalled([&] { installed = true; });
  reconciler_.OnSourcesSynced();
  loop_.Advance(1000);
  EXPECT_FALSE(installed);
  bridge_.Connect();
  loop_.RunDue();
  EXPECT_TRUE(installed);
}

TEST_F(FlowReconcilerTest, AwaitInstalledRunsSoonWhenNothingIsLeftToDo) {
  Start();
  bool installed = false;
  reconciler_.AwaitInstalled([&] { installed = true; });
  EXPECT_FALSE(installed) << "never inside the call";
  loop_.RunDue();
  EXPECT_TRUE(installed);
  EXPECT_EQ(bridge_.commits(), 1u);
}

TEST_F(FlowReconcilerTest, ACancelledWaitNeverRuns) {
  Start();
  bool installed = false;
  EXPECT_TRUE(reconciler_.Cancel(reconciler_.AwaitInstalled([&] { installed = true; })));
  loop_.RunDue();
  EXPECT_FALSE(installed);
}

}  // namespace
}  // namespace sluice::reconcile
