// SCTP on the userspace datapath: every packet of both directions is judged by the rules of its
// association, and one permitted port opens no other (netpol rules about SCTP ports).
#include <gtest/gtest.h>

#include "tests/unit/reconcile/dual_stack_pods.h"

namespace sluice::reconcile {
namespace {

using fakes::FiveTuple;
using fakes::Is;
using fakes::Packet;
using fakes::PolicyBuilder;
using fakes::RuleBuilder;

constexpr uint16_t kServed = 7777;
constexpr uint16_t kClient = 5000;

class SctpVerdictTest : public DualStackPods, public testing::WithParamInterface<IpFamily> {
 protected:
  SctpVerdictTest() { Isolate(); }

  // Both isolated in both directions; web may reach db's SCTP port 7777.
  void Isolate() {
    Put(PolicyBuilder("shop", "deny").IsolatesIngress().IsolatesEgress());
    Put(FromWeb());
    Put(ToDb());
  }
  static store::NetworkPolicy ToDb() {
    return PolicyBuilder("shop", "out").Selects({Is("app", "web")}).Egress(Served("db"));
  }
  static store::NetworkPolicy FromWeb() {
    return PolicyBuilder("shop", "in").Selects({Is("app", "db")}).Ingress(Served("web"));
  }
  static store::PolicyRule Served(const std::string& peer) {
    return RuleBuilder().Pods({Is("app", peer)}).Port({store::Protocol::kSctp, kServed, {}});
  }

  Packet FromWebTo(uint16_t port, uint16_t from = kClient) const {
    return From(kWebPort, {at_.web, at_.db, ofctl::kProtoSctp, from, port});
  }
  Packet FromDb(uint16_t from, uint16_t to) const {
    return From(kDbPort, {at_.db, at_.web, ofctl::kProtoSctp, from, to});
  }

  const Addresses at_ = AddressesOf(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Families, SctpVerdictTest,
                         testing::Values(IpFamily::kIPv4, IpFamily::kIPv6), FamilyName);

TEST_P(SctpVerdictTest, AnAssociationRunsInBothDirections) {
  EXPECT_EQ(Send(FromWebTo(kServed)), kDbPort);
  EXPECT_EQ(Send(FromDb(kServed, kClient)), kWebPort);
  EXPECT_EQ(Send(FromWebTo(kServed)), kDbPort);
}

TEST_P(SctpVerdictTest, AnAnswerIsSentAsItCame) {
  Send(FromWebTo(kServed));
  const fakes::Outcome answer = Trace(FromDb(kServed, kClient));
  EXPECT_EQ(answer.ip_source, at_.db);
  EXPECT_EQ(answer.ip_destination, at_.web);
  EXPECT_EQ(answer.eth_destination, MacOf(kWebPort));
  EXPECT_TRUE(answer.learned.empty()) << "an answer opens nothing";
  EXPECT_FALSE(answer.committed);
}

TEST_P(SctpVerdictTest, NoAnswerComesFirst) {
  EXPECT_EQ(Send(FromDb(kServed, kClient)), std::nullopt);
  EXPECT_TRUE(learned_.empty());
}

TEST_P(SctpVerdictTest, APermittedPortOpensNoOther) {
  ASSERT_EQ(Send(FromWebTo(kServed)), kDbPort);
  EXPECT_EQ(Send(FromWebTo(kServed + 1)), std::nullopt);
  EXPECT_EQ(Send(FromDb(kServed, kClient + 1)), std::nullopt);
  EXPECT_EQ(Send(FromDb(kServed + 1, kClient)), std::nullopt);
  EXPECT_EQ(Send(FromDb(kClient, kServed)), std::nullopt);
  EXPECT_EQ(learned_.size(), 1u);
}

TEST_P(SctpVerdictTest, OtherProtocolsBorrowNoAnswer) {
  ASSERT_EQ(Send(FromWebTo(kServed)), kDbPort);
  Packet udp = FromDb(kServed, kClient);
  udp.ip.ip_protocol = udp.original.ip_protocol = ofctl::kProtoUdp;
  EXPECT_EQ(Send(udp), std::nullopt);
}

TEST_P(SctpVerdictTest, ARevokedPermissionStopsBothDirectionsAndOneGivenBackLetsThemGoOn) {
  ASSERT_EQ(Send(FromWebTo(kServed)), kDbPort);
  for (const store::NetworkPolicy& permission : {FromWeb(), ToDb()}) {
    Remove(permission);
    EXPECT_EQ(Send(FromWebTo(kServed)), std::nullopt);
    EXPECT_EQ(Send(FromDb(kServed, kClient)), std::nullopt) << "though only the server talks";
    Put(permission);
    EXPECT_EQ(Send(FromDb(kServed, kClient)), kWebPort);
    EXPECT_EQ(Send(FromWebTo(kServed)), kDbPort);
  }
}

TEST_P(SctpVerdictTest, FragmentsAreDropped) {
  ASSERT_EQ(Send(FromWebTo(kServed)), kDbPort);
  for (const uint8_t fragment : {ofctl::kFragAny, uint8_t{ofctl::kFragAny | ofctl::kFragLater}}) {
    Packet packet = FromWebTo(kServed);
    packet.fragment = fragment;
    EXPECT_EQ(Send(packet), std::nullopt);
    Packet answer = FromDb(kServed, kClient);
    answer.fragment = fragment;
    EXPECT_EQ(Send(answer), std::nullopt);
  }
}

TEST_P(SctpVerdictTest, PodsMayAnswerTheNodeAndOnlyWhatItAsked) {
  const FiveTuple opened{at_.gateway, at_.db, ofctl::kProtoSctp, kClient, 1};
  EXPECT_EQ(Send(From(ofctl::kPortLocal, opened)), kDbPort);
  EXPECT_EQ(Send(From(kDbPort, opened.Reversed())), kGatewayPort);
  FiveTuple other = opened.Reversed();
  ++other.source_port;
  EXPECT_EQ(Send(From(kDbPort, other)), std::nullopt);
}

TEST_P(SctpVerdictTest, TheNodesAssociationLendsNothingToWhatItForwards) {
  const FiveTuple opened{at_.gateway, at_.db, ofctl::kProtoSctp, kClient, 1};
  ASSERT_EQ(Send(From(ofctl::kPortLocal, opened)), kDbPort);
  EXPECT_EQ(Send(From(kGatewayPort, opened)), std::nullopt);
}

TEST_P(SctpVerdictTest, WhatComesFromOutsideIsAnsweredToTheGateway) {
  const FiveTuple opened{at_.outside, at_.db, ofctl::kProtoSctp, kClient, kServed};
  EXPECT_EQ(Send(From(kGatewayPort, opened)), std::nullopt);
  Put(PolicyBuilder("shop", "in")
          .Selects({Is("app", "db")})
          .Ingress(RuleBuilder().Port({store::Protocol::kSctp, kServed, {}})));
  EXPECT_EQ(Send(From(kGatewayPort, opened)), kDbPort);
  EXPECT_EQ(Send(From(kDbPort, opened.Reversed())), kGatewayPort);
  EXPECT_EQ(Send(From(kDbPort, opened)), std::nullopt) << "not with its own address";
}

// Sides that open to each other at one moment: both flows are learned, each packet is an answer.
TEST_P(SctpVerdictTest, TwoThatOpenAtOnceAreBothJudged) {
  Put(PolicyBuilder("shop", "deny").Selects({Is("app", "none")}));
  const Packet there = FromWebTo(kServed);
  const Packet back = FromDb(kServed, kClient);
  const fakes::Outcome first = Trace(there);
  const fakes::Outcome second = Trace(back);
  learned_ = first.learned;
  learned_.insert(learned_.end(), second.learned.begin(), second.learned.end());
  ASSERT_EQ(learned_.size(), 2u);
  EXPECT_EQ(Send(there), kDbPort);
  EXPECT_EQ(Send(back), kWebPort);
  Put(PolicyBuilder("shop", "deny").IsolatesIngress().IsolatesEgress());
  Remove(FromWeb());
  EXPECT_EQ(Send(there), std::nullopt);
  EXPECT_EQ(Send(back), std::nullopt);
}

}  // namespace
}  // namespace sluice::reconcile
