// What an event costs: flow-mods against a switch that holds everything before it.
#include <gtest/gtest.h>

#include "tests/unit/reconcile/desired_state_feed.h"

namespace sluice::reconcile {
namespace {

using fakes::Exists;
using fakes::In;
using fakes::Is;
using fakes::PodBuilder;
using fakes::PolicyBuilder;
using fakes::Present;
using fakes::RuleBuilder;

class FlowModCostTest : public testing::Test {
 protected:
  void Put(const store::Object& object) { state_.Apply({Present(object)}); }
  void Attach(const store::Pod& pod, uint32_t ofport) {
    Put(pod);
    state_.PutEndpoint(fakes::EndpointOf(pod, {ofport}));
  }
  // How many flow-mods bring the switch up to date.
  size_t Cost() {
    const ofctl::FlowDelta delta = state_.flows().TakeDelta(installed_);
    ofctl::Apply(delta, installed_);
    return delta.size();
  }
  static store::Pod Client(int number, const std::string& app) {
    return PodBuilder("clients", "c" + std::to_string(number))
        .Labels({{"app", app}})
        .Ip("10.1." + std::to_string(number / 250) + "." + std::to_string(number % 250 + 1));
  }

  DesiredState state_{TestNode()};
  ofctl::FlowMap installed_;
};

// A thousand clients of four kinds; a policy tells them apart already.
class ThousandPeersTest : public FlowModCostTest {
 protected:
  ThousandPeersTest() {
    Put(fakes::NamespaceOf("clients", {{"role", "client"}}));
    Put(fakes::NamespaceOf("shop"));
    const std::string apps[] = {"red", "green", "blue", "grey"};
    std::vector<store::StoreEvent> pods;
    for (int i = 0; i < 1000; ++i) {
      pods.push_back(Present(Client(i, apps[static_cast<size_t>(i) % 4])));
    }
    state_.Apply(pods);
    Attach(PodBuilder("shop", "db").Labels({{"app", "db"}}).Ip("10.0.0.1"), 10);
    Put(PolicyBuilder("shop", "first")
            .Selects({Is("app", "db")})
            .Ingress(RuleBuilder().PodsIn({Is("role", "client")}, {Is("app", "red")}).Tcp(1))
            .Ingress(RuleBuilder().PodsIn({Is("role", "client")}, {Is("app", "green")}).Tcp(2))
            .Ingress(RuleBuilder().PodsIn({Is("role", "client")}, {Is("app", "blue")}).Tcp(3))
            .Ingress(RuleBuilder().Namespaces({Is("role", "client")}).Tcp(4)));
    first_cost_ = Cost();
  }
  size_t first_cost_ = 0;
};

TEST_F(ThousandPeersTest, TheFirstPolicyStampsEachPeerOnce) {
  EXPECT_GE(first_cost_, 1000u);
  EXPECT_LE(first_cost_, 1100u);
}

TEST_F(ThousandPeersTest, EveryLaterPolicyOverThemCostsAHandful) {
  Put(PolicyBuilder("shop", "everyone")
          .Selects({Is("app", "db")})
          .Ingress(RuleBuilder().Namespaces({Is("role", "client")}).Tcp(5432)));
  const size_t everyone = Cost();
  EXPECT_GT(everyone, 0u);
  EXPECT_LE(everyone, 20u);
  Put(PolicyBuilder("shop", "some")
          .Selects({Is("app", "db")})
          .Ingress(RuleBuilder().PodsIn({Exists("role")}, {In("app", {"red", "blue"})}).Tcp(5433)));
  EXPECT_LE(Cost(), 20u);
  Put(PolicyBuilder("shop", "block")
          .Selects({Is("app", "db")})
          .Ingress(RuleBuilder().Block("10.1.0.0/16").Tcp(5434)));
  EXPECT_LE(Cost(), 20u);
}

TEST_F(ThousandPeersTest, TakingAPolicyAwayCostsAHandfulToo) {
  Put(PolicyBuilder("shop", "some")
          .Selects({Is("app", "db")})
          .Ingress(RuleBuilder().PodsIn({Exists("role")}, {In("app", {"red", "blue"})}).Tcp(5433)));
  Cost();
  state_.Apply({fakes::Gone(PolicyBuilder("shop", "some"))});
  EXPECT_LE(Cost(), 20u);
}

TEST_F(ThousandPeersTest, APredicateThatSplitsAClassRestampsTheSmallerHalf) {
  Put(PolicyBuilder("shop", "notred")
          .Selects({Is("app", "db")})
          .Ingress(RuleBuilder()
                       .PodsIn({Is("role", "client")}, {fakes::NotIn("app", {"grey"})})
                       .Tcp(9)));
  EXPECT_LE(Cost(), 20u) << "no class is split: those are all grey, or none is";
}

// A hundred policies in force, of every shape.
class HundredPoliciesTest : public FlowModCostTest {
 protected:
  HundredPoliciesTest() {
    Put(fakes::NamespaceOf("clients", {{"role", "client"}}));
    Put(fakes::NamespaceOf("shop"));
    for (int i = 0; i < 40; ++i) Put(Client(i, "app" + std::to_string(i % 10)));
    for (int i = 0; i < 10; ++i) {
      Attach(PodBuilder("shop", "p" + std::to_string(i))
                 .Labels({{"app", "app" + std::to_string(i)}})
                 .Ip("10.0.0." + std::to_string(i + 1)),
             static_cast<uint32_t>(10 + i));
    }
    for (int i = 0; i < 100; ++i) {
      const std::string app = "app" + std::to_string(i % 10);
      const auto port = static_cast<uint16_t>(1000 + i);
      Put(PolicyBuilder("shop", "np" + std::to_string(i))
              .Selects({Is("app", app)})
              .Ingress(RuleBuilder().PodsIn({Exists("role")}, {Is("app", app)}).Tcp(port))
              .Egress(RuleBuilder().Block("192.0." + std::to_string(i) + ".0/24").Tcp(port)));
    }
    Cost();
  }
};

// A member that comes or goes renames its class with a chance of one in its size: then the class is
// stamped anew. With five members a class that is the dearest case, and still small.
constexpr size_t kHandful = 25;

TEST_F(HundredPoliciesTest, AnUnrelatedPodCostsNothing) {
  Put(PodBuilder("elsewhere", "x").Labels({{"app", "app1"}}).Ip("10.2.0.1"));
  EXPECT_EQ(Cost(), 0u);
}

TEST_F(HundredPoliciesTest, APodThatComesGoesOrIsRelabelledCostsAHandful) {
  size_t total = 0;
  size_t events = 0;
  const auto count = [&] {
    const size_t cost = Cost();
    EXPECT_LE(cost, kHandful);
    total += cost;
    ++events;
  };
  for (int i = 100; i < 140; ++i) {
    Put(Client(i, "app3"));
    count();
    Put(Client(i, "app4"));
    count();
    state_.Apply({fakes::Gone(Client(i, ""))});
    count();
  }
  EXPECT_LE(total, 4 * events) << "on average, hardly more than the pod's own entry";
}

TEST_F(HundredPoliciesTest, AnEndpointThatComesCostsItsOwnFlows) {
  Attach(PodBuilder("shop", "new").Labels({{"app", "app5"}}).Ip("10.0.0.99"), 99);
  EXPECT_LE(Cost(), kHandful);
  state_.RemoveEndpoint({"shop-new", "eth0"});
  EXPECT_LE(Cost(), kHandful);
}

TEST_F(HundredPoliciesTest, OneMorePolicyCostsAHandful) {
  Put(PolicyBuilder("shop", "more")
          .Selects({Is("app", "app1")})
          .Ingress(RuleBuilder().PodsIn({Exists("role")}, {Is("app", "app7")}).Tcp(7)));
  EXPECT_LE(Cost(), 20u);
}

}  // namespace
}  // namespace sluice::reconcile
