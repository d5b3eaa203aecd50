#include "agent/nodes/peer_nodes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace sluice::nodes {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

const ConnectedNetworks kConnected{
    .prefixes = {*ParseCidr("172.30.0.0/24"), *ParseCidr("fd00:30::/64")},
    .own_addresses = {*ParseIp("172.30.0.1"), *ParseIp("fd00:30::1")}};

store::StoreEvent Node(const std::string& name, const std::vector<std::string>& cidrs,
                       const std::vector<std::string>& ips) {
  store::Node node{.name = name, .internal_ips = {}, .pod_cidrs = {}};
  for (const std::string& cidr : cidrs) node.pod_cidrs.push_back(*ParseCidr(cidr));
  for (const std::string& ip : ips) node.internal_ips.push_back(*ParseIp(ip));
  return {store::ObjectKind::kNode, {"", name}, node};
}

store::StoreEvent Gone(const std::string& name) {
  return {store::ObjectKind::kNode, {"", name}, std::nullopt};
}

NodeRoute Route(const std::string& destination, const std::string& via) {
  return {*ParseCidr(destination), *ParseIp(via)};
}

class PeerNodesTest : public testing::Test {
 protected:
  PeerNodesTest() { peers_.Apply({Node("n1", {"10.244.1.0/24"}, {"172.30.0.1"})}); }

  RoutePlan Plan() const { return peers_.Plan(kConnected); }

  PeerNodes peers_{{.name = "n1", .pod_cidrs = {*ParseCidr("10.244.1.0/24")}}};
};

TEST_F(PeerNodesTest, ThisNodeAloneNeedsNoRoute) {
  EXPECT_THAT(Plan().routes, IsEmpty());
  EXPECT_THAT(Plan().complaints, IsEmpty());
}

TEST_F(PeerNodesTest, EveryOtherNodesPodsAreReachedByItsAddressOfTheSameFamily) {
  peers_.Apply({Node("n3", {"10.244.3.0/24", "fd00:10:244:3::/64"}, {"fd00:30::3", "172.30.0.3"}),
                Node("n2", {"10.244.2.0/24"}, {"172.30.0.2"})});
  EXPECT_THAT(Plan().routes, ElementsAre(Route("10.244.2.0/24", "172.30.0.2"),
                                         Route("10.244.3.0/24", "172.30.0.3"),
                                         Route("fd00:10:244:3::/64", "fd00:30::3")));
  EXPECT_THAT(Plan().complaints, IsEmpty());
}

TEST_F(PeerNodesTest, OnlyWhatMattersIsAChange) {
  const auto n2 = Node("n2", {"10.244.2.0/24"}, {"172.30.0.2"});
  EXPECT_TRUE(peers_.Apply({n2}));
  EXPECT_FALSE(peers_.Apply({n2}));
  EXPECT_TRUE(peers_.Apply({Node("n2", {"10.244.2.0/24"}, {"172.30.0.9"})}));
  EXPECT_THAT(Plan().routes, ElementsAre(Route("10.244.2.0/24", "172.30.0.9")));
  EXPECT_TRUE(peers_.Apply({Gone("n2")}));
  EXPECT_FALSE(peers_.Apply({Gone("n2")}));
  EXPECT_THAT(Plan().routes, IsEmpty());
}

TEST_F(PeerNodesTest, ANodeWithoutNetworkIsNamed) {
  peers_.Apply({Node("n2", {}, {"172.30.0.2"})});
  EXPECT_THAT(Plan().routes, IsEmpty());
  EXPECT_THAT(Plan().complaints, ElementsAre(StartsWith("Node n2: has no podCIDRs")));
}

TEST_F(PeerNodesTest, ANodeThatIsOnNoCommonLinkGetsNoRouteAndIsNamed) {
  peers_.Apply({Node("n2", {"10.244.2.0/24"}, {"192.0.2.7"})});
  EXPECT_THAT(Plan().routes, IsEmpty());
  EXPECT_THAT(Plan().complaints,
              ElementsAre(AllOf(StartsWith("Node n2: no route to podCIDR"), HasSubstr("192.0.2.7"),
                                HasSubstr("common link"))));
}

TEST_F(PeerNodesTest, OfSeveralAddressesTheFirstOnACommonLinkIsTaken) {
  peers_.Apply({Node("n2", {"10.244.2.0/24"}, {"192.0.2.7", "172.30.0.2", "172.30.0.22"})});
  EXPECT_THAT(Plan().routes, ElementsAre(Route("10.244.2.0/24", "172.30.0.2")));
}

TEST_F(PeerNodesTest, AnAddressOfAnotherFamilyOrOurOwnIsNoNextHop) {
  peers_.Apply({Node("n2", {"10.244.2.0/24"}, {"fd00:30::2"}),
                Node("n3", {"10.244.3.0/24"}, {"172.30.0.1"})});
  EXPECT_THAT(Plan().routes, IsEmpty());
  EXPECT_THAT(Plan().complaints,
              ElementsAre(HasSubstr("n2: no route to podCIDR 10.244.2.0/24: it has no IPv4"),
                          HasSubstr("172.30.0.1 is this node's own")));
}

TEST_F(PeerNodesTest, WhatOverlapsIsLedNowhereAndBothAreNamed) {
  peers_.Apply({Node("n2", {"10.244.2.0/23"}, {"172.30.0.2"}),
                Node("n3", {"10.244.3.0/24"}, {"172.30.0.3"}),
                Node("n4", {"10.244.4.0/24"}, {"172.30.0.4"})});
  EXPECT_THAT(Plan().routes, ElementsAre(Route("10.244.4.0/24", "172.30.0.4")));
  EXPECT_THAT(
      Plan().complaints,
      ElementsAre(HasSubstr("n2: its podCIDR 10.244.2.0/23 overlaps 10.244.3.0/24 of Node n3"),
                  HasSubstr("n3: its podCIDR 10.244.3.0/24 overlaps 10.244.2.0/23 of Node n2")));
}

TEST_F(PeerNodesTest, WhatOverlapsThisNodesPodsIsLedNowhere) {
  peers_.Apply({Node("n2", {"10.244.0.0/16"}, {"172.30.0.2"})});
  EXPECT_THAT(Plan().routes, IsEmpty());
  EXPECT_THAT(Plan().complaints, ElementsAre(HasSubstr("n1: its podCIDR"),
                                             AllOf(HasSubstr("n2: its podCIDR 10.244.0.0/16"),
                                                   HasSubstr("of this node"))));
}

TEST_F(PeerNodesTest, AnotherNetworkForThisNodeIsNamed) {
  peers_.Apply({Node("n1", {"10.244.9.0/24"}, {"172.30.0.1"})});
  EXPECT_THAT(Plan().complaints, ElementsAre(HasSubstr("n1: its podCIDRs are no longer")));
}

TEST_F(PeerNodesTest, AllPodCidrsAreKnownWhetherRoutedOrNot) {
  peers_.Apply({Node("n2", {"10.244.2.0/24"}, {"192.0.2.7"}), Node("n3", {}, {"172.30.0.3"})});
  EXPECT_THAT(peers_.PodCidrs(),
              ElementsAre(*ParseCidr("10.244.1.0/24"), *ParseCidr("10.244.2.0/24")));
}

TEST_F(PeerNodesTest, ThePlanDependsOnTheNodesOnlyNotOnTheirOrder) {
  std::vector<store::StoreEvent> events;
  for (int i = 2; i < 40; ++i) {
    const std::string n = std::to_string(i);
    events.push_back(Node("n" + n, {"10.244." + n + ".0/" + (i % 7 == 0 ? "23" : "24")},
                          {i % 5 == 0 ? "192.0.2." + n : "172.30.0." + n}));
  }
  peers_.Apply(events);
  const RoutePlan first = Plan();
  std::mt19937 random(7);
  for (int i = 0; i < 20; ++i) {
    std::shuffle(events.begin(), events.end(), random);
    PeerNodes others{{.name = "n1", .pod_cidrs = {*ParseCidr("10.244.1.0/24")}}};
    for (const auto& event : events) others.Apply({event});
    EXPECT_EQ(others.Plan(kConnected).routes, first.routes);
    EXPECT_EQ(others.Plan(kConnected).complaints, first.complaints);
  }
}

}  // namespace
}  // namespace sluice::nodes
