#include "agent/netlink/node_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/netlink/test_namespace.h"

namespace sluice::netlink {
namespace {

using nodes::NodeRoute;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

constexpr size_t kPlenty = 1000;

NodeRoute To(const std::string& destination, const std::string& via) {
  return {*ParseCidr(destination), *ParseIp(via)};
}

class NodeRoutesTest : public testing::Test {
 protected:
  NodeRoutesTest() {
    EnterFreshHost();
    RunOnHost("ip link add up0 type veth peer name up1; ip link set up1 up; ip link set up0 up");
    RunOnHost("ip addr add 172.30.0.1/24 dev up0; ip addr add fd00:30::1/64 dev up0 nodad");
  }

  static RouteSync Sync(const std::vector<NodeRoute>& wanted, size_t at_most = kPlenty) {
    const auto synced = SyncNodeRoutes(wanted, at_most);
    EXPECT_TRUE(synced.ok()) << synced.error().message();
    return synced.ok() ? *synced : RouteSync();
  }
  static std::string Ours() {
    return RunOnHost("ip route show proto 115; ip -6 route show proto 115");
  }
};

TEST_F(NodeRoutesTest, RoutesOfBothFamiliesLeadByTheLinkThatTheNodesShare) {
  const RouteSync sync =
      Sync({To("10.244.2.0/24", "172.30.0.2"), To("fd00:10:244:2::/64", "fd00:30::2")});
  EXPECT_EQ(sync.added, 2U);
  EXPECT_THAT(sync.problems, IsEmpty());
  EXPECT_THAT(Ours(), AllOf(HasSubstr("10.244.2.0/24 via 172.30.0.2 dev up0"),
                            HasSubstr("fd00:10:244:2::/64 via fd00:30::2 dev up0")));
}

TEST_F(NodeRoutesTest, NothingChangesWhereNothingIsDifferent) {
  const std::vector<NodeRoute> wanted = {To("10.244.2.0/24", "172.30.0.2"),
                                         To("fd00:10:244:2::/64", "fd00:30::2")};
  Sync(wanted);
  const RouteSync again = Sync(wanted);
  EXPECT_EQ(again.added + again.removed, 0U);
}

TEST_F(NodeRoutesTest, AMovedNodeAndAGoneNodeAreFollowed) {
  Sync({To("10.244.2.0/24", "172.30.0.2"), To("10.244.3.0/24", "172.30.0.3")});
  const RouteSync sync = Sync({To("10.244.2.0/24", "172.30.0.22")});
  EXPECT_EQ(sync.added, 1U);
  EXPECT_EQ(sync.removed, 2U);
  EXPECT_THAT(Ours(), AllOf(HasSubstr("10.244.2.0/24 via 172.30.0.22"),
                            Not(HasSubstr("10.244.3.0/24")), Not(HasSubstr("172.30.0.2 "))));
}

TEST_F(NodeRoutesTest, WhatOthersHaveMadeIsNotTouched) {
  RunOnHost("ip route add 10.244.2.0/24 via 172.30.0.2; ip route add 10.244.3.0/24 via 172.30.0.9");
  const std::string before = RunOnHost("ip route");
  const RouteSync sync =
      Sync({To("10.244.2.0/24", "172.30.0.2"), To("10.244.3.0/24", "172.30.0.3")});
  EXPECT_EQ(sync.added + sync.removed, 0U);
  EXPECT_THAT(sync.problems, ElementsAre(AllOf(HasSubstr("10.244.3.0/24"), HasSubstr("exists"))));
  Sync({});
  EXPECT_EQ(RunOnHost("ip route"), before);
}

TEST_F(NodeRoutesTest, ANextHopThatIsOnNoLinkIsRefusedByTheKernelAndNamed) {
  const RouteSync sync = Sync({To("10.244.2.0/24", "192.0.2.7")});
  EXPECT_THAT(sync.problems, ElementsAre(HasSubstr("10.244.2.0/24 via 192.0.2.7")));
  EXPECT_EQ(Ours(), "");
}

TEST_F(NodeRoutesTest, ALinkThatWentDownGetsItsRoutesBack) {
  Sync({To("10.244.2.0/24", "172.30.0.2")});
  RunOnHost("ip link set up0 down; ip link set up0 up");
  EXPECT_EQ(Ours(), "");
  EXPECT_EQ(Sync({To("10.244.2.0/24", "172.30.0.2")}).added, 1U);
}

TEST_F(NodeRoutesTest, ManyChangesTakeSeveralCalls) {
  std::vector<NodeRoute> wanted;
  for (int i = 2; i < 12; ++i) {
    wanted.push_back(To("10.244." + std::to_string(i) + ".0/24", "172.30.0.2"));
  }
  std::ranges::sort(wanted);
  const RouteSync first = Sync(wanted, 4);
  EXPECT_EQ(first.added, 4U);
  EXPECT_FALSE(first.is_whole);
  EXPECT_FALSE(Sync(wanted, 4).is_whole);
  const RouteSync last = Sync(wanted, 4);
  EXPECT_EQ(last.added, 2U);
  EXPECT_TRUE(last.is_whole);
}

TEST_F(NodeRoutesTest, WhatCannotBeAddedKeepsNothingElseWaiting) {
  std::vector<NodeRoute> wanted;
  for (int i = 2; i < 12; ++i) {
    const std::string destination = "10.244." + std::to_string(i) + ".0/24";
    RunOnHost("ip route add " + destination + " via 172.30.0.9");
    wanted.push_back(To(destination, "172.30.0.2"));
  }
  wanted.push_back(To("10.245.0.0/24", "172.30.0.2"));
  std::ranges::sort(wanted);
  const RouteSync sync = Sync(wanted, 4);
  EXPECT_EQ(sync.added, 1U);
  EXPECT_EQ(sync.problems.size(), 10U);
  EXPECT_TRUE(sync.is_whole);
}

TEST_F(NodeRoutesTest, ConnectedIsWhatALinkLeadsTo) {
  RunOnHost(
      "ip link add br-int type veth peer name gw0; ip link set br-int up; ip link set gw0 up");
  RunOnHost("ip addr add 10.244.1.1/24 dev gw0; ip route add default via 172.30.0.254");
  RunOnHost("ip route add 198.51.100.1/32 dev up0; ip route add 203.0.113.0/24 via 172.30.0.9");
  const auto connected = FindConnectedNetworks({"gw0", "br-int", "no-such-device"});
  ASSERT_TRUE(connected.ok());
  EXPECT_THAT(connected->prefixes,
              UnorderedElementsAre(*ParseCidr("172.30.0.0/24"), *ParseCidr("198.51.100.1/32"),
                                   *ParseCidr("fd00:30::/64")));
  EXPECT_THAT(connected->own_addresses,
              UnorderedElementsAre(*ParseIp("172.30.0.1"), *ParseIp("fd00:30::1")));
}

}  // namespace
}  // namespace sluice::netlink
