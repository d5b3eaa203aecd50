// After which changes megaflows of before may say what the flows do not.
#include <gtest/gtest.h>

#include "tests/unit/reconcile/flow_reconciler_fixture.h"

namespace sluice::reconcile {
namespace {

using fakes::FakeBridge;

class StaleMegaflowsTest : public FlowReconcilerTest {
 protected:
  StaleMegaflowsTest() {
    reconciler_.WhenMegaflowsMayBeStale([this] { ++told_; });
    Start();
  }
  // How often it has been told since the last question.
  int Told() {
    loop_.RunDue();
    return std::exchange(told_, 0);
  }
  void Detach(const std::string& name, std::string_view ip, uint32_t ofport) {
    desired_.RemoveEndpoint(fakes::EndpointOf(fakes::PodBuilder("shop", name).Ip(ip), {ofport}).id);
    reconciler_.Poke();
  }
  void Meet(const std::string& name, std::string_view ip) {
    desired_.Apply(
        {fakes::Present(fakes::PodBuilder("shop", name).Labels({{"app", name}}).Ip(ip))});
    reconciler_.Poke();
  }

  int told_ = 0;
};

TEST_F(StaleMegaflowsTest, AfterTheStartNobodyKnowsWhatMadeThoseOfBefore) { EXPECT_EQ(Told(), 1); }

TEST_F(StaleMegaflowsTest, AChangedPolicyMakesThemStaleOnceTheSwitchHasIt) {
  ASSERT_EQ(Told(), 1);
  bridge_.HoldAnswers();
  Isolate("web");
  EXPECT_EQ(Told(), 0);
  bridge_.ReleaseAnswers();
  EXPECT_EQ(Told(), 1);
  desired_.Apply({fakes::Gone(fakes::PolicyBuilder("shop", "deny-web"))});
  reconciler_.Poke();
  EXPECT_EQ(Told(), 1);
  reconciler_.Poke();
  EXPECT_EQ(Told(), 0) << "nothing has changed";
}

TEST_F(StaleMegaflowsTest, BeforeAnybodyHearsThatAChangeIsInForce) {
  ASSERT_EQ(Told(), 1);
  Isolate("web");
  int told_before = 0;
  reconciler_.AwaitInstalled([&] { told_before = told_; });
  loop_.RunDue();
  EXPECT_EQ(told_before, 1);
}

TEST_F(StaleMegaflowsTest, APodThatIsAttachedMakesNoneStale) {
  ASSERT_EQ(Told(), 1);
  Attach("db", "10.0.0.6", 11);
  EXPECT_EQ(Told(), 0);
  ASSERT_TRUE(Installed());
}

TEST_F(StaleMegaflowsTest, NorDoesOneOfAClassThatPoliciesKnow) {
  Attach("db", "10.0.0.6", 11);
  Isolate("db");
  ASSERT_EQ(Told(), 2);
  const store::Pod second = fakes::PodBuilder("shop", "db2").Labels({{"app", "db"}}).Ip("10.0.0.2");
  desired_.Apply({fakes::Present(second)});
  desired_.PutEndpoint(fakes::EndpointOf(second, {12}));
  reconciler_.Poke();
  EXPECT_EQ(Told(), 0);
  ASSERT_TRUE(Installed());
}

// A class is called after the member with the smallest hash: now it has another name.
TEST_F(StaleMegaflowsTest, OneThatTheClassIsCalledAfterDoes) {
  Attach("db", "10.0.0.2", 11);
  Isolate("db");
  ASSERT_EQ(Told(), 2);
  const store::Pod second = fakes::PodBuilder("shop", "db2").Labels({{"app", "db"}}).Ip("10.0.0.6");
  desired_.Apply({fakes::Present(second)});
  desired_.PutEndpoint(fakes::EndpointOf(second, {12}));
  reconciler_.Poke();
  EXPECT_EQ(Told(), 1);
}

TEST_F(StaleMegaflowsTest, APodThatGoesMakesThemStale) {
  Attach("db", "10.0.0.2", 11);
  ASSERT_EQ(Told(), 1);
  Detach("db", "10.0.0.2", 11);
  EXPECT_EQ(Told(), 1);
}

TEST_F(StaleMegaflowsTest, AnAddressElsewhereThatAPolicyMeansMakesThemStale) {
  desired_.Apply({fakes::Present(
      fakes::PolicyBuilder("shop", "to-web")
          .Selects({fakes::Is("app", "web")})
          .Ingress(fakes::RuleBuilder().Pods({fakes::Is("app", "client")}).Tcp(80)))});
  reconciler_.Poke();
  ASSERT_EQ(Told(), 2);
  Meet("stranger", "10.9.0.2");
  EXPECT_EQ(Told(), 0) << "no policy means it";
  Meet("client", "10.9.0.1");
  EXPECT_EQ(Told(), 1);
}

TEST_F(StaleMegaflowsTest, AFlowThatSomebodyElseDeletedMayHaveMadeSome) {
  ASSERT_EQ(Told(), 1);
  bridge_.Foreign({GateOf(10), std::nullopt});
  EXPECT_EQ(Told(), 1) << "though to put it back is no more than to open a port";
}

TEST_F(StaleMegaflowsTest, AForeignFlowThatCameAndWentMayHaveMadeSome) {
  ASSERT_EQ(Told(), 1);
  bridge_.HoldAnswers();
  bridge_.Foreign({GateOf(99), kForeignBody});
  bridge_.Foreign({GateOf(99), std::nullopt});
  bridge_.ReleaseAnswers();
  EXPECT_EQ(Told(), 1);
  ASSERT_TRUE(Installed());
}

TEST_F(StaleMegaflowsTest, ACommitThatFailedMayHaveBeenOne) {
  ASSERT_EQ(Told(), 1);
  bridge_.FailCommit({.nth = 1, .fate = FakeBridge::Fate::kApplied});
  Isolate("web");
  EXPECT_EQ(Told(), 0) << "what the switch holds is not known yet";
  loop_.Advance(5000);
  ASSERT_TRUE(Installed());
  EXPECT_EQ(Told(), 1) << "nothing had to be sent again";
}

TEST_F(StaleMegaflowsTest, ALostConnectionMayHaveTakenAReplyAlong) {
  ASSERT_EQ(Told(), 1);
  bridge_.HoldAnswers();
  Isolate("web");
  loop_.RunDue();
  bridge_.Disconnect();
  bridge_.ReleaseAnswers();
  ASSERT_EQ(Told(), 0);
  bridge_.Connect();
  EXPECT_EQ(Told(), 1);
}

}  // namespace
}  // namespace sluice::reconcile
