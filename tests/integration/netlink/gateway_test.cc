#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/netlink/pod_network.h"
#include "tests/integration/netlink/test_namespace.h"

namespace sluice::netlink {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

GatewaySpec Spec() {
  return {
      .gateway_ifname = "gw0",
      .local_ifname = "br-int",
      .mac = MacAddress({0x0a, 0x58, 10, 244, 0, 1}),
      .networks = {{.gateway = *ParseIp("10.244.0.1"), .pod_cidr = *ParseCidr("10.244.0.0/24")}}};
}

GatewaySpec DualStack() {
  GatewaySpec spec = Spec();
  spec.networks.push_back(
      {.gateway = *ParseIp("fd00:244::1"), .pod_cidr = *ParseCidr("fd00:244::/64")});
  return spec;
}

class GatewayTest : public ::testing::Test {
 protected:
  GatewayTest() {
    EnterFreshHost();
    AddDevice("gw0");
    AddDevice("br-int");
  }

  // With somebody at the other end.
  static void AddDevice(const std::string& name) {
    RunOnHost("ip link add " + name + " type veth peer name " + name + "-peer");
    RunOnHost("ip link set " + name + "-peer up");
  }

  void Configure(const GatewaySpec& spec = Spec()) {
    const Status configured = ConfigureGateway(spec);
    ASSERT_TRUE(configured.ok()) << configured.error().message();
  }

  // All that ConfigureGateway is about.
  std::string State() {
    return RunOnHost(
        "ip -4 addr show gw0; ip -6 addr show gw0 scope global; ip addr show br-int scope global; "
        "ip rule; ip -6 rule; ip route; ip route show table 4800; "
        "ip -6 route show dev gw0 proto static; ip -6 route show table 4800 2>/dev/null; ip neigh "
        "show nud "
        "permanent; "
        "sysctl net.ipv4.ip_forward net.ipv4.conf.gw0 net.ipv4.conf.br-int "
        "net.ipv6.conf.all.forwarding");
  }
};

TEST_F(GatewayTest, WhatTheNodeOriginatesLeavesByLocalAndWhatItForwardsByTheGateway) {
  Configure();
  AddDevice("up0");
  RunOnHost("ip addr add 192.0.2.1/24 dev up0; ip link set up0 up");

  EXPECT_THAT(RunOnHost("ip route get 10.244.0.5"),
              AllOf(HasSubstr("dev br-int"), HasSubstr("src 10.244.0.1")));
  EXPECT_THAT(RunOnHost("ip route get 10.244.0.5 from 192.0.2.9 iif up0"), HasSubstr("dev gw0"));
  EXPECT_THAT(RunOnHost("ip route get 192.0.2.9"), HasSubstr("dev up0"));
}

TEST_F(GatewayTest, SetsAddressesMacAndLinks) {
  RunOnHost("ip addr add 10.244.0.1/24 dev br-int; ip addr add 10.9.0.1/16 dev gw0");

  Configure();

  EXPECT_THAT(RunOnHost("ip addr show gw0"),
              AllOf(HasSubstr(",UP"), HasSubstr("0a:58:0a:f4:00:01"), HasSubstr("10.244.0.1/32"),
                    Not(HasSubstr("10.9.0.1"))));
  EXPECT_THAT(RunOnHost("ip addr show br-int"), HasSubstr(",UP"));
  EXPECT_THAT(RunOnHost("ip -4 addr show br-int"), IsEmpty());
}

TEST_F(GatewayTest, MakesTheNodeARouterThatAcceptsRepliesOnTheGateway) {
  RunOnHost("sysctl net.ipv4.conf.all.rp_filter=1");
  Configure();
  EXPECT_THAT(RunOnHost("sysctl -n net.ipv4.ip_forward"), "1\n");
  EXPECT_THAT(RunOnHost("sysctl -n net.ipv4.conf.gw0.rp_filter"), "2\n");
  EXPECT_THAT(RunOnHost("sysctl -n net.ipv4.conf.br-int.rp_filter"), "2\n");
  EXPECT_THAT(RunOnHost("sysctl -n net.ipv4.conf.gw0.send_redirects"), "0\n");
  // A reply of a pod: looked up backwards, its source is behind LOCAL.
  EXPECT_THAT(RunOnHost("ip route get 10.244.0.1 from 10.244.0.5 iif gw0"), HasSubstr("local"));
}

TEST_F(GatewayTest, IsIdempotent) {
  Configure();
  const std::string before = State();
  Configure();
  EXPECT_EQ(State(), before);
}

TEST_F(GatewayTest, ReplacesRoutesAndRulesOfAnEarlierConfiguration) {
  Configure();
  const std::string before = State();
  RunOnHost(
      "ip route add 10.1.0.0/16 dev gw0 table 4800; ip rule add from 10.3.0.0/16 lookup 4800");
  RunOnHost("ip route replace 10.244.0.0/24 dev gw0 table 4800");
  RunOnHost("ip rule del pref 4800; ip rule add pref 4799 iif lo to 10.244.0.0/16 lookup 4800");
  ASSERT_NE(State(), before);

  Configure();

  EXPECT_EQ(State(), before);
}

TEST_F(GatewayTest, FollowsAChangeOfThePodCidr) {
  Configure();
  GatewaySpec spec = Spec();
  spec.networks = {{.gateway = *ParseIp("10.20.0.1"), .pod_cidr = *ParseCidr("10.20.0.0/16")}};

  Configure(spec);

  EXPECT_THAT(State(), AllOf(HasSubstr("10.20.0.1/32"), Not(HasSubstr("10.244.0"))));
  EXPECT_THAT(RunOnHost("ip route get 10.20.3.3"),
              AllOf(HasSubstr("dev br-int"), HasSubstr("src 10.20.0.1")));
}

TEST_F(GatewayTest, ComesBackAfterThePortsWentDown) {
  Configure();
  RunOnHost("ip link set gw0 down; ip link set br-int down");
  ASSERT_THAT(RunOnHost("ip route show table 4800"), Not(HasSubstr("br-int")));

  Configure();

  EXPECT_THAT(RunOnHost("ip route get 10.244.0.5"), HasSubstr("dev br-int"));
  EXPECT_THAT(RunOnHost("ip route show dev gw0"), HasSubstr("10.244.0.0/24"));
}

TEST_F(GatewayTest, IPv6IsRoutedTheSameWay) {
  RunOnHost("sysctl -w net.ipv6.conf.gw0.disable_ipv6=1 net.ipv6.conf.br-int.disable_ipv6=1");
  AddDevice("up0");
  RunOnHost("ip addr add 2001:db8::1/64 dev up0 nodad; ip link set up0 up");

  Configure(DualStack());
  const std::string once = State();
  Configure(DualStack());

  EXPECT_EQ(State(), once);
  EXPECT_THAT(RunOnHost("ip route get fd00:244::5"),
              AllOf(HasSubstr("via fe80::1 dev br-int"), HasSubstr("src fd00:244::1")));
  EXPECT_THAT(RunOnHost("ip route get fd00:244::5 from 2001:db8::9 iif up0"),
              HasSubstr("via fe80::1 dev gw0"));
  EXPECT_THAT(RunOnHost("ip -6 addr show gw0"), HasSubstr("fd00:244::1/128 scope global nodad"));
  EXPECT_THAT(RunOnHost("ip route get 10.244.0.5"), HasSubstr("via 169.254.1.1 dev br-int"));
}

TEST_F(GatewayTest, NoPodIsEverAskedForOnTheBridge) {
  Configure(DualStack());
  const std::string neighbours = RunOnHost("ip neigh show nud permanent");
  for (const char* next_hop : {"169.254.1.1", "fe80::1"}) {
    for (const char* device : {"gw0", "br-int"}) {
      EXPECT_THAT(neighbours, HasSubstr(std::string(next_hop) + " dev " + device +
                                        " lladdr 0a:58:00:00:00:01 PERMANENT"));
    }
  }
  // What the node sends to a pod leaves at once, to the next hop.
  for (const char* pod : {"10.244.0.5", "fd00:244::5"}) {
    EXPECT_EQ(RunOnHost(std::string("bash -c 'echo >/dev/udp/") + pod + "/9'"), "");
  }
  EXPECT_THAT(RunOnHost("ip neigh show"),
              AllOf(Not(HasSubstr("10.244.0.5")), Not(HasSubstr("fd00:244::5"))));
}

TEST_F(GatewayTest, NobodySourceRoutesOrAdvertisesThroughIt) {
  RunOnHost(
      "sysctl -w net.ipv4.conf.all.accept_source_route=1 net.ipv4.conf.gw0.accept_source_route=1 "
      "net.ipv6.conf.br-int.accept_ra=2");
  Configure(DualStack());
  for (const char* device : {"gw0", "br-int"}) {
    const std::string of = std::string(".conf.") + device + ".";
    EXPECT_THAT(RunOnHost("sysctl -n net.ipv4" + of + "accept_source_route"), "0\n");
    EXPECT_THAT(RunOnHost("sysctl -n net.ipv6" + of + "accept_source_route"), "-1\n");
    EXPECT_THAT(RunOnHost("sysctl -n net.ipv6" + of + "accept_ra"), "0\n");
  }
  EXPECT_THAT(RunOnHost("sysctl -n net.ipv4.conf.all.accept_source_route"), "0\n");
  EXPECT_THAT(RunOnHost("sysctl -n net.ipv6.conf.all.forwarding"), "1\n");
}

TEST_F(GatewayTest, AFamilyThatIsGivenUpLeavesNothing) {
  Configure();
  const std::string before = RunOnHost(
      "ip -6 addr show gw0 scope global; ip -6 rule; "
      "ip -6 route show table 4800 2>/dev/null; ip -6 route show dev gw0 proto static");
  Configure(DualStack());
  Configure();
  EXPECT_EQ(
      RunOnHost("ip -6 addr show gw0 scope global; ip -6 rule; "
                "ip -6 route show table 4800 2>/dev/null; ip -6 route show dev gw0 proto static"),
      before);
}

TEST_F(GatewayTest, ReplacesTheOnLinkPrefixOfAnEarlierRelease) {
  RunOnHost("ip addr add 10.244.0.1/24 dev gw0; ip link set gw0 up");
  RunOnHost("ip route add 10.244.0.0/24 dev br-int src 10.244.0.1 table 4800");
  ASSERT_THAT(RunOnHost("ip route show dev gw0"), HasSubstr("10.244.0.0/24 proto kernel"));

  Configure();

  EXPECT_THAT(RunOnHost("ip route show dev gw0"),
              AllOf(HasSubstr("10.244.0.0/24 via 169.254.1.1"), Not(HasSubstr("proto kernel"))));
  EXPECT_THAT(RunOnHost("ip route show table 4800"), HasSubstr("via 169.254.1.1 dev br-int"));
}

TEST_F(GatewayTest, APortThatIsNotThereIsNamed) {
  RunOnHost("ip link del br-int");
  const Status configured = ConfigureGateway(Spec());
  ASSERT_FALSE(configured.ok());
  EXPECT_EQ(configured.error().code(), ErrorCode::kNotFound);
  EXPECT_THAT(configured.error().message(), HasSubstr("br-int"));
}

TEST_F(GatewayTest, MixedFamiliesAreInvalid) {
  GatewaySpec spec = Spec();
  spec.networks[0].gateway = *ParseIp("fd00::1");
  const Status configured = ConfigureGateway(spec);
  ASSERT_FALSE(configured.ok());
  EXPECT_EQ(configured.error().code(), ErrorCode::kInvalid);
}

}  // namespace
}  // namespace sluice::netlink
