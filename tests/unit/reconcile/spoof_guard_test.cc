// What a hostile pod, or somebody outside, must not get past the switch, by flows: both families,
// neighbour discovery, tags. tests/playground/attack_test.py does the same with frames.
#include <gtest/gtest.h>

#include "agent/pipeline/tables.h"
#include "tests/unit/reconcile/dual_stack_pods.h"

namespace sluice::reconcile {
namespace {

using fakes::FiveTuple;
using fakes::Ip;
using fakes::NeighborDiscovery;
using fakes::Packet;

class SpoofGuardTest : public DualStackPods, public testing::WithParamInterface<IpFamily> {
 protected:
  Packet Good() const { return From(kWebPort, Udp(at_.web, at_.db)); }
  static FiveTuple Udp(const IpAddress& source, const IpAddress& destination) {
    return {source, destination, ofctl::kProtoUdp, 40000, 53};
  }
  const Addresses at_ = AddressesOf(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Families, SpoofGuardTest,
                         testing::Values(IpFamily::kIPv4, IpFamily::kIPv6), FamilyName);

TEST_P(SpoofGuardTest, APodSendsUnderItsOwnMacAndAddressOnly) {
  ASSERT_EQ(Send(Good()), kDbPort);
  Packet mac = Good();
  mac.eth_source = MacOf(kDbPort);
  EXPECT_EQ(Send(mac), std::nullopt);
  for (const char* other :
       {"10.0.0.2", "10.0.255.254", "192.0.2.1", "0.0.0.0", "255.255.255.255", "fd00::2",
        "fd00::ffff", "fe80::1", "::", "::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:10.0.0.2"}) {
    const IpAddress source = Ip(other);
    if (source.family() != GetParam()) continue;
    EXPECT_EQ(Send(From(kWebPort, Udp(source, at_.db))), std::nullopt) << other;
    EXPECT_EQ(Send(From(kWebPort, Udp(source, at_.outside))), std::nullopt) << other;
  }
}

TEST_P(SpoofGuardTest, APodOfOneFamilyHasNoVoiceInTheOther) {
  const IpFamily other = GetParam() == IpFamily::kIPv4 ? IpFamily::kIPv6 : IpFamily::kIPv4;
  const store::Pod single =
      fakes::PodBuilder("shop", "single").Ip(other == IpFamily::kIPv4 ? "10.0.0.9" : "fd00::9");
  Put(single);
  state_.PutEndpoint(fakes::EndpointOf(single, {12}));
  Packet packet =
      From(12, Udp(GetParam() == IpFamily::kIPv4 ? Ip("10.0.0.9") : Ip("fd00::9"), at_.db));
  packet.eth_source = store::MacFor(single.ips.front());
  EXPECT_EQ(Send(packet), std::nullopt);
}

TEST_P(SpoofGuardTest, NobodyOutsideHasAPodsAddress) {
  EXPECT_EQ(Send(From(kGatewayPort, Udp(at_.outside, at_.db))), kDbPort);
  EXPECT_EQ(Send(From(kGatewayPort, Udp(at_.web, at_.db))), std::nullopt);
}

TEST_P(SpoofGuardTest, NoTagPassesAnyGate) {
  for (const uint32_t port : {kWebPort, kGatewayPort, ofctl::kPortLocal}) {
    Packet packet = From(port, Udp(port == kWebPort ? at_.web : at_.outside, at_.db));
    ASSERT_EQ(Send(packet), kDbPort);
    for (const int tci : {0x1000, 0x1005, 0xf000, 0x1fff}) {
      packet.vlan_tci = static_cast<uint16_t>(tci);
      EXPECT_EQ(Send(packet), std::nullopt) << port << " " << tci;
    }
  }
}

TEST_P(SpoofGuardTest, AForgedMacDestinationChoosesNothing) {
  for (const MacAddress& mac :
       {MacOf(kDbPort), MacAddress({0xff, 0xff, 0xff, 0xff, 0xff, 0xff}),
        MacAddress({0x33, 0x33, 0, 0, 0, 1}), MacAddress({1, 0, 0x5e, 0, 0, 1})}) {
    Packet packet = From(kWebPort, Udp(at_.web, at_.outside));
    packet.eth_destination = mac;
    const fakes::Outcome outcome = Trace(packet);
    EXPECT_EQ(outcome.port, kGatewayPort);
    EXPECT_EQ(outcome.eth_destination, DualStackNode().mac);
  }
}

TEST_P(SpoofGuardTest, GroupsAndBroadcastReachNoPod) {
  for (const char* group : {"255.255.255.255", "10.0.255.255", "224.0.0.1", "ff02::1", "ff02::2",
                            "ff0e::1", "ff02::1:ff00:2", "fe80::2", "::ffff:10.0.0.2"}) {
    const IpAddress destination = Ip(group);
    if (destination.family() != GetParam()) continue;
    EXPECT_EQ(Send(From(kWebPort, Udp(at_.web, destination))), kGatewayPort) << group;
    EXPECT_EQ(Send(From(kGatewayPort, Udp(at_.outside, destination))), std::nullopt) << group;
  }
}

TEST_P(SpoofGuardTest, ProtocolZeroIsDropped) {
  Packet packet = Good();
  packet.ip.ip_protocol = packet.original.ip_protocol = 0;
  EXPECT_EQ(Send(packet), std::nullopt);
}

TEST_P(SpoofGuardTest, APodIsNoDhcpServer) {
  const bool v4 = GetParam() == IpFamily::kIPv4;
  const uint16_t server = v4 ? 67 : 547;
  const uint16_t client = v4 ? 68 : 546;
  Packet answer = Good();
  answer.ip.source_port = server;
  answer.ip.destination_port = client;
  answer.original = answer.ip;
  EXPECT_EQ(Send(answer), std::nullopt);
  answer.fragment = ofctl::kFragAny;
  EXPECT_EQ(Send(answer), std::nullopt);
  answer.fragment = 0;
  Packet question = Good();
  question.ip.source_port = client;
  question.ip.destination_port = server;
  question.original = question.ip;
  EXPECT_EQ(Send(question), kDbPort);
  Packet answered = From(kDbPort, question.ip.Reversed());
  answered.original = question.ip;
  answered.ct_state = ofctl::kCtTrk | ofctl::kCtEst | ofctl::kCtRpl;
  EXPECT_EQ(Send(answered), std::nullopt) << "not even when asked";
  Packet from_node = From(ofctl::kPortLocal, answer.ip);
  from_node.ip.source = from_node.original.source = at_.gateway;
  EXPECT_EQ(Send(from_node), kDbPort) << "the node may be one";
}

TEST_P(SpoofGuardTest, APodTellsOfErrorsOfItsOwnConnectionsOnly) {
  const bool v4 = GetParam() == IpFamily::kIPv4;
  Packet error = Good();
  error.ip.ip_protocol = v4 ? ofctl::kProtoIcmp : ofctl::kProtoIcmpV6;
  error.ip.source_port = v4 ? 3 : 1;  // destination unreachable
  error.ct_state = ofctl::kCtTrk | ofctl::kCtRel;
  error.original = Udp(at_.db, at_.web);
  EXPECT_EQ(Send(error), kDbPort);
  error.original = Udp(at_.web, at_.db);
  EXPECT_EQ(Send(error), kDbPort);
  error.original = Udp(at_.outside, at_.db);
  EXPECT_EQ(Send(error), std::nullopt);
}

// The question that a pod may ask, and the answer that it may get.
class DiscoveryGuardTest : public DualStackPods {
 protected:
  static Packet Question(const IpAddress& to) {
    Packet packet = From(kWebPort, {at_.web, to, ofctl::kProtoIcmpV6, 135, 0});
    packet.ttl = 255;
    packet.discovery = NeighborDiscovery{at_.gateway, MacOf(kWebPort), {}};
    return packet;
  }
  static Packet Answer() {
    Packet packet = From(kGatewayPort, {at_.gateway, at_.web, ofctl::kProtoIcmpV6, 136, 0});
    packet.ttl = 255;
    packet.discovery = NeighborDiscovery{at_.gateway, {}, DualStackNode().mac};
    return packet;
  }
  inline static const Addresses at_ = AddressesOf(IpFamily::kIPv6);
};

TEST_F(DiscoveryGuardTest, APodMayAskForItsGatewayAndHearsTheAnswer) {
  for (const char* to : {"fd00::ffff", "ff02::1:ff00:ffff"}) {
    const fakes::Outcome asked = Trace(Question(Ip(to)));
    EXPECT_EQ(asked.port, kGatewayPort) << to;
    EXPECT_EQ(asked.eth_destination, DualStackNode().mac);
  }
  const fakes::Outcome answered = Trace(Answer());
  EXPECT_EQ(answered.port, kWebPort);
  EXPECT_EQ(answered.eth_destination, MacOf(kWebPort));
}

TEST_F(DiscoveryGuardTest, AQuestionOfAnyOtherShapeIsDropped) {
  const Packet good = Question(at_.gateway);
  const auto with = [&good](const auto& change) {
    Packet packet = good;
    change(packet);
    packet.original = packet.ip;
    return packet;
  };
  const std::vector<std::pair<const char*, Packet>> attacks = {
      {"source of another pod", with([](Packet& p) { p.ip.source = at_.db; })},
      {"source of the gateway", with([](Packet& p) { p.ip.source = at_.gateway; })},
      {"unspecified source", with([](Packet& p) { p.ip.source = Ip("::"); })},
      {"link-local source", with([](Packet& p) { p.ip.source = Ip("fe80::1"); })},
      {"another's MAC outside", with([](Packet& p) { p.eth_source = MacOf(kDbPort); })},
      {"another's MAC inside", with([](Packet& p) { p.discovery->source_mac = MacOf(kDbPort); })},
      {"no MAC inside", with([](Packet& p) { p.discovery->source_mac = {}; })},
      {"for a pod", with([](Packet& p) { p.discovery->target = at_.db; })},
      {"for itself", with([](Packet& p) { p.discovery->target = at_.web; })},
      {"past the gateway", with([](Packet& p) { p.ip.destination = at_.outside; })},
      {"to a pod", with([](Packet& p) { p.ip.destination = at_.db; })},
      {"to all", with([](Packet& p) { p.ip.destination = Ip("ff02::1"); })},
      {"to another's group", with([](Packet& p) { p.ip.destination = Ip("ff02::1:ff00:2"); })},
      {"forwarded", with([](Packet& p) { p.ttl = 254; })},
      {"with a code", with([](Packet& p) { p.ip.destination_port = 1; })},
      {"tagged", with([](Packet& p) { p.vlan_tci = 0x1000; })},
  };
  for (const auto& [name, packet] : attacks) EXPECT_EQ(Send(packet), std::nullopt) << name;
}

TEST_F(DiscoveryGuardTest, APodIsNoRouterAndNobodysNeighbor) {
  for (uint16_t type = 133; type <= 137; ++type) {
    for (const char* to : {"fd00::2", "fd00::ffff", "ff02::1", "2001:db8::1"}) {
      Packet packet = Question(Ip(to));
      packet.ip.source_port = type;
      packet.original = packet.ip;
      packet.discovery = NeighborDiscovery{at_.db, MacOf(kWebPort), MacOf(kWebPort)};
      EXPECT_EQ(Send(packet), std::nullopt) << type << " to " << to;
    }
  }
}

TEST_F(DiscoveryGuardTest, DiscoveryEndsBeforeConntrackWhateverThatWouldSay) {
  // given a conntrack that would take it for part of a permitted connection
  Packet advert = Question(at_.db);
  advert.ip.source_port = 134;
  advert.ct_state = ofctl::kCtTrk | ofctl::kCtEst;
  advert.original = {at_.web, at_.db, ofctl::kProtoUdp, 1, 1};
  EXPECT_EQ(Send(advert), std::nullopt);
  EXPECT_EQ(Trace(advert).tables, (std::vector{pipeline::Number(pipeline::Table::kClassifier),
                                               pipeline::Number(pipeline::Table::kSpoofGuard),
                                               pipeline::Number(pipeline::Table::kDrop)}));
}

TEST_F(DiscoveryGuardTest, OnlyTheGatewaysOwnAnswerGetsToAPod) {
  const auto with = [](const auto& change) {
    Packet packet = Answer();
    change(packet);
    packet.original = packet.ip;
    return packet;
  };
  const std::vector<std::pair<const char*, Packet>> attacks = {
      {"forwarded from outside", with([](Packet& p) { p.ttl = 254; })},
      {"from outside", with([](Packet& p) { p.ip.source = at_.outside; })},
      {"about a pod", with([](Packet& p) { p.discovery->target = at_.db; })},
      {"to all", with([](Packet& p) { p.ip.destination = Ip("ff02::1"); })},
      {"a router's", with([](Packet& p) { p.ip.source_port = 134; })},
      {"a question", with([](Packet& p) { p.ip.source_port = 135; })},
      {"a redirect", with([](Packet& p) { p.ip.source_port = 137; })},
  };
  for (const auto& [name, packet] : attacks) EXPECT_EQ(Send(packet), std::nullopt) << name;
}

}  // namespace
}  // namespace sluice::reconcile
