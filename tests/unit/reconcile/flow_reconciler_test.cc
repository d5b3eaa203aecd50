#include "agent/reconcile/flow_reconciler.h"

#include <gtest/gtest.h>

#include "agent/pipeline/flow_parts.h"
#include "tests/fakes/fake_bridge.h"
#include "tests/unit/reconcile/desired_state_feed.h"

namespace sluice::reconcile {
namespace {

using fakes::EndpointOf;
using fakes::FakeBridge;
using fakes::Ip;
using fakes::Is;
using fakes::PodBuilder;
using fakes::PolicyBuilder;
using fakes::Present;
using ofctl::FlowKey;

const ofctl::FlowBody kForeignBody{0xbad, {ofctl::Output{1}}};

// A switch, an agent with one pod attached, a clock.
class FlowReconcilerTest : public testing::Test {
 protected:
  FlowReconcilerTest() {
    bridge_.Listen(reconciler_);
    Attach("web", "10.0.0.1", 10);
  }

  void Attach(const std::string& name, std::string_view ip, uint32_t ofport) {
    const store::Pod pod = PodBuilder("shop", name).Labels({{"app", name}}).Ip(ip);
    desired_.Apply({Present(pod)});
    desired_.PutEndpoint(EndpointOf(pod, {ofport}));
    reconciler_.Poke();
  }
  void Isolate(const std::string& app) {
    desired_.Apply({Present(
        PolicyBuilder("shop", "deny-" + app).Selects({Is("app", app)}).IsolatesIngress())});
    reconciler_.Poke();
  }
  // Connected, synced, everything installed.
  void Start() {
    bridge_.Connect();
    reconciler_.OnSourcesSynced();
    loop_.RunDue();
    ASSERT_TRUE(Installed());
  }
  bool Installed() const { return bridge_.flows() == desired_.flows().Flows(); }
  FlowKey GateOf(uint32_t ofport) const {
    return {0, pipeline::priority::kDefault, pipeline::UntaggedFrom({ofport})};
  }
  FlowKey IsolationOf(std::string_view ip) const {
    const auto id = desired_.policy().classes(policy::Side::kDestination).ClassOf(Ip(ip));
    for (const auto& [key, body] : desired_.flows().Flows()) {
      const auto match = key.match.Find(ofctl::Field::kReg6);
      if (key.table == pipeline::Number(pipeline::Table::kIngressDefault) && match &&
          match->value.lo == id.value) {
        return key;
      }
    }
    ADD_FAILURE() << "no isolation flow for " << ip;
    return {};
  }

  fakes::ManualLoop loop_;
  FakeBridge bridge_{loop_};
  DesiredState desired_{TestNode()};
  FlowReconciler reconciler_{bridge_, desired_, [this](uint32_t delay, std::function<void()> work) {
                               loop_.Post(delay, std::move(work));
                             }};
};

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

TEST_F(FlowReconcilerTest, CountsWhatTheSwitchAcknowledged) {
  Start();
  EXPECT_EQ(reconciler_.counters().commits, 1u);
  EXPECT_EQ(reconciler_.counters().flow_mods, bridge_.flows().size());
}

}  // namespace
}  // namespace sluice::reconcile
