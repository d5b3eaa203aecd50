// What is left open when the switch refuses somebody's flows: nothing that policy closes.
#include <gtest/gtest.h>

#include "tests/fakes/flow_matcher.h"
#include "tests/unit/reconcile/desired_state_feed.h"

namespace sluice::reconcile {
namespace {

using fakes::EndpointOf;
using fakes::Ip;
using fakes::Is;
using fakes::PodBuilder;
using fakes::PolicyBuilder;
using fakes::Prefix;
using fakes::Present;
using fakes::RuleBuilder;
using pipeline::OwnerId;
using policy::Side;
using store::Direction;

// shop/db is isolated and lets 20.0.0.0/8 without 20.1.0.0/16 in, and shop/web to port 80; shop/web
// is free.
class QuarantineTest : public testing::Test {
 protected:
  QuarantineTest() {
    const store::Pod web = PodBuilder("shop", "web").Labels({{"app", "web"}}).Ip("10.0.0.1");
    const store::Pod db = PodBuilder("shop", "db").Labels({{"app", "db"}}).Ip("10.0.0.2");
    state_.Apply({Present(web), Present(db),
                  Present(PolicyBuilder("shop", "db")
                              .Selects({Is("app", "db")})
                              .Ingress(RuleBuilder().Block("20.0.0.0/8", {"20.1.0.0/16"}))
                              .Ingress(RuleBuilder().Pods({Is("app", "web")}).Tcp(80)))});
    state_.PutEndpoint(EndpointOf(web, {10}));
    state_.PutEndpoint(EndpointOf(db, {11}));
    everything_ = state_.flows().Flows();
  }

  bool Reaches(std::string_view from, std::string_view to) const {
    fakes::Packet packet;
    packet.ip = {Ip(from), Ip(to), ofctl::kProtoTcp, 40000, 80};
    packet.original = packet.ip;
    const bool outside = from[0] == '2';
    packet.in_port = outside ? kGatewayPort : (from == "10.0.0.1" ? 10 : 11);
    packet.eth_source = outside ? TestNode().mac : store::MacFor(Ip(from));
    return fakes::FlowMatcher(state_.flows().Flows()).Trace(packet).port.has_value();
  }
  void ExpectAllIsWellAfterPardon() {
    state_.Pardon();
    EXPECT_EQ(state_.flows().Flows(), everything_);
    EXPECT_TRUE(state_.quarantined().empty());
  }
  policy::ClassId ClassOfDb() const {
    return state_.policy().classes(Side::kDestination).ClassOf(Ip("10.0.0.2"));
  }

  DesiredState state_{TestNode()};
  ofctl::FlowMap everything_;
};

TEST_F(QuarantineTest, BeforeItAllWorks) {
  EXPECT_TRUE(Reaches("10.0.0.1", "10.0.0.2"));
  EXPECT_TRUE(Reaches("20.0.0.1", "10.0.0.2"));
  EXPECT_FALSE(Reaches("20.1.0.1", "10.0.0.2"));
  EXPECT_TRUE(Reaches("10.0.0.2", "10.0.0.1"));
}

TEST_F(QuarantineTest, WithoutItsClassTheEndpointIsClosedAndOthersGoOn) {
  state_.Quarantine(pipeline::ClassOwner(Side::kDestination, ClassOfDb()));
  EXPECT_FALSE(Reaches("20.1.0.1", "10.0.0.2"));
  EXPECT_FALSE(Reaches("20.0.0.1", "10.0.0.2"));
  EXPECT_TRUE(Reaches("20.1.0.1", "10.0.0.1"));
  ExpectAllIsWellAfterPardon();
}

TEST_F(QuarantineTest, WithoutItsStampTheEndpointIsClosed) {
  state_.Quarantine(pipeline::AddressOwner(Side::kDestination, Prefix("10.0.0.2/32")));
  EXPECT_FALSE(Reaches("20.1.0.1", "10.0.0.2"));
  EXPECT_TRUE(Reaches("20.1.0.1", "10.0.0.1"));
  ExpectAllIsWellAfterPardon();
}

TEST_F(QuarantineTest, AnExceptWithoutItsStampOpensNothing) {
  state_.Quarantine(pipeline::AddressOwner(Side::kSource, Prefix("20.1.0.0/16")));
  EXPECT_FALSE(Reaches("20.1.0.1", "10.0.0.2"));
  ExpectAllIsWellAfterPardon();
}

TEST_F(QuarantineTest, ABlockWithoutItsStampOnlyCloses) {
  state_.Quarantine(pipeline::AddressOwner(Side::kSource, Prefix("20.0.0.0/8")));
  EXPECT_FALSE(Reaches("20.0.0.1", "10.0.0.2"));
  EXPECT_TRUE(Reaches("10.0.0.1", "10.0.0.2"));
  ExpectAllIsWellAfterPardon();
}

TEST_F(QuarantineTest, ARuleOrAServiceOnlyCloses) {
  const auto& rules = state_.policy().rules(Direction::kIngress);
  const policy::ServiceMatch http{store::Protocol::kTcp, {80, 0xffff}};
  for (const OwnerId& owner :
       {pipeline::RuleOwner(Direction::kIngress, rules.ByService(http).front()),
        pipeline::ServiceOwner(Direction::kIngress, http)}) {
    state_.Quarantine(owner);
    EXPECT_FALSE(Reaches("10.0.0.1", "10.0.0.2"));
    EXPECT_TRUE(Reaches("20.0.0.1", "10.0.0.2"));
    ExpectAllIsWellAfterPardon();
  }
}

TEST_F(QuarantineTest, AnEndpointItself) {
  state_.Quarantine(pipeline::EndpointOwner({"shop-db", "eth0"}));
  EXPECT_FALSE(Reaches("10.0.0.1", "10.0.0.2") && Reaches("10.0.0.2", "10.0.0.1"));
  EXPECT_TRUE(Reaches("20.1.0.1", "10.0.0.1"));
  ExpectAllIsWellAfterPardon();
}

TEST_F(QuarantineTest, StaticAndNodeFlowsComeBackToo) {
  state_.Quarantine(pipeline::kNodeOwner);
  EXPECT_FALSE(Reaches("20.0.0.1", "10.0.0.2"));
  ExpectAllIsWellAfterPardon();
  state_.Quarantine(pipeline::kStaticOwner);
  EXPECT_FALSE(Reaches("10.0.0.1", "10.0.0.2"));
  ExpectAllIsWellAfterPardon();
}

// The class that was refused may get another name, and its endpoints may move on.
TEST_F(QuarantineTest, EventsDuringItKeepTheEndpointClosedOrMakeItRight) {
  state_.Quarantine(pipeline::ClassOwner(Side::kDestination, ClassOfDb()));
  const store::Pod second = PodBuilder("shop", "db2").Labels({{"app", "db"}}).Ip("10.0.0.3");
  state_.Apply({Present(second)});
  state_.PutEndpoint(EndpointOf(second, {12}));
  EXPECT_FALSE(Reaches("20.1.0.1", "10.0.0.2"));
  EXPECT_FALSE(Reaches("20.1.0.1", "10.0.0.3"));
  state_.Apply({fakes::Gone(PolicyBuilder("shop", "db"))});
  EXPECT_TRUE(Reaches("20.1.0.1", "10.0.0.2")) << "nothing isolates it any more";
}

}  // namespace
}  // namespace sluice::reconcile
