#include "agent/netlink/kernel_pod_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <netlink/route/link.h>

#include "tests/integration/netlink/test_namespace.h"

namespace sluice::netlink {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

IpAddress Ip(const char* text) { return *ParseIp(text); }

class KernelPodNetworkTest : public ::testing::TestWithParam<Datapath> {
 protected:
  KernelPodNetworkTest() { EnterFreshHost(); }

  PodLinkSpec Spec() const {
    return {.host_ifname = "slu0123456789ab",
            .netns = pod_.path(),
            .ifname = "eth0",
            .mac = MacAddress({0x0a, 0x58, 10, 244, 0, 5}),
            .ips = {Ip("10.244.0.5")},
            .gateways = {Ip("10.244.0.1")},
            .gateway_mac = MacAddress({0x0a, 0x58, 10, 244, 0, 1}),
            .mtu = 1400};
  }

  PodLinkSpec DualStack() const {
    PodLinkSpec spec = Spec();
    spec.ips.push_back(Ip("fd00::5"));
    spec.gateways.push_back(Ip("fd00::1"));
    return spec;
  }

  void ExpectNothingLeft() {
    EXPECT_THAT(RunOnHost("ip -br link show type veth"), IsEmpty());
    EXPECT_THAT(RunOnHost("nft list ruleset"), Not(HasSubstr("slu0123456789ab")));
  }

  TestNamespace pod_;
};

INSTANTIATE_TEST_SUITE_P(Datapaths, KernelPodNetworkTest,
                         ::testing::Values(Datapath::kSystem, Datapath::kNetdev),
                         [](const auto& datapath) {
                           return datapath.param == Datapath::kSystem ? "System" : "Netdev";
                         });

TEST_P(KernelPodNetworkTest, AttachMakesWhatCheckAccepts) {
  KernelPodNetwork network(GetParam());
  const Status attached = network.Attach(Spec());
  ASSERT_TRUE(attached.ok()) << attached.error().message();
  const Status checked = network.Check(Spec());
  EXPECT_TRUE(checked.ok()) << checked.error().message();
}

TEST_P(KernelPodNetworkTest, ThePodHasItsAddressRoutesAndNeighbour) {
  KernelPodNetwork network(GetParam());
  ASSERT_TRUE(network.Attach(Spec()).ok());

  EXPECT_THAT(pod_.Run("ip link show eth0"),
              AllOf(HasSubstr("0a:58:0a:f4:00:05"), HasSubstr("mtu 1400"), HasSubstr(",UP")));
  EXPECT_THAT(pod_.Run("ip -4 addr show dev eth0"), HasSubstr("inet 10.244.0.5/32 scope global"));
  EXPECT_THAT(pod_.Run("ip route show dev eth0"),
              AllOf(HasSubstr("default via 10.244.0.1"), HasSubstr("10.244.0.1 proto static "
                                                                   "scope link")));
  EXPECT_THAT(pod_.Run("ip neigh show dev eth0"),
              HasSubstr("10.244.0.1 lladdr 0a:58:0a:f4:00:01 PERMANENT"));
  EXPECT_THAT(pod_.Run("ip link show lo"), HasSubstr(",UP"));
  EXPECT_THAT(RunOnHost("ip link show slu0123456789ab"),
              AllOf(HasSubstr("mtu 1400"), HasSubstr("NOARP"), HasSubstr(",UP")));
  EXPECT_THAT(RunOnHost("ip -6 addr show dev slu0123456789ab"), IsEmpty());
}

TEST_P(KernelPodNetworkTest, AnIPv6PodIsUsableAtOnce) {
  KernelPodNetwork network(GetParam());
  PodLinkSpec spec = Spec();
  spec.ips = {Ip("fd00::5")};
  spec.gateways = {Ip("fe80::1")};
  pod_.Run("sysctl -w net.ipv6.conf.default.disable_ipv6=1");  // as container runtimes do

  const Status attached = network.Attach(spec);

  ASSERT_TRUE(attached.ok()) << attached.error().message();
  EXPECT_THAT(pod_.Run("ip -6 addr show dev eth0"),
              AllOf(HasSubstr("fd00::5/128 scope global nodad"), Not(HasSubstr("fd00::5/128 "
                                                                               "tentative"))));
  EXPECT_THAT(pod_.Run("ip -6 route show dev eth0"), HasSubstr("default via fe80::1"));
  const Status checked = network.Check(spec);
  EXPECT_TRUE(checked.ok()) << checked.error().message();
}

TEST_P(KernelPodNetworkTest, ADualStackPodHasRoutesAndANeighbourOfBothFamilies) {
  KernelPodNetwork network(GetParam());

  const Status attached = network.Attach(DualStack());

  ASSERT_TRUE(attached.ok()) << attached.error().message();
  EXPECT_THAT(pod_.Run("ip route get 192.0.2.9"), HasSubstr("via 10.244.0.1 dev eth0"));
  EXPECT_THAT(pod_.Run("ip route get fd00::9"),
              AllOf(HasSubstr("via fd00::1 dev eth0"), HasSubstr("src fd00::5")));
  EXPECT_THAT(pod_.Run("ip neigh show dev eth0 nud permanent"),
              AllOf(HasSubstr("10.244.0.1 lladdr 0a:58:0a:f4:00:01 PERMANENT"),
                    HasSubstr("fd00::1 lladdr 0a:58:0a:f4:00:01 PERMANENT")));
  const Status checked = network.Check(DualStack());
  EXPECT_TRUE(checked.ok()) << checked.error().message();
}

TEST_P(KernelPodNetworkTest, NobodyTellsAPodItsAddresses) {
  KernelPodNetwork network(GetParam());
  pod_.Run("sysctl -w net.ipv6.conf.default.accept_ra=2 net.ipv6.conf.default.use_tempaddr=2");
  ASSERT_TRUE(network.Attach(DualStack()).ok());
  EXPECT_EQ(pod_.Run("sysctl -n net.ipv6.conf.eth0.accept_ra net.ipv6.conf.eth0.use_tempaddr"),
            "0\n0\n");
}

TEST_P(KernelPodNetworkTest, APodOfOneFamilyOnADualStackNodeHasThatOneOnly) {
  KernelPodNetwork network(GetParam());
  PodLinkSpec spec = DualStack();
  spec.ips = {Ip("10.244.0.5")};
  pod_.Run("sysctl -w net.ipv6.conf.default.disable_ipv6=1");

  const Status attached = network.Attach(spec);

  ASSERT_TRUE(attached.ok()) << attached.error().message();
  EXPECT_THAT(pod_.Run("ip -6 route show dev eth0"), IsEmpty());
  EXPECT_THAT(pod_.Run("ip neigh show dev eth0"), Not(HasSubstr("fd00::1")));
  EXPECT_EQ(pod_.Run("sysctl -n net.ipv6.conf.eth0.disable_ipv6"), "1\n");
  const Status checked = network.Check(spec);
  EXPECT_TRUE(checked.ok()) << checked.error().message();
}

TEST_P(KernelPodNetworkTest, AnAddressWithoutAGatewayIsInvalid) {
  KernelPodNetwork network(GetParam());
  PodLinkSpec spec = DualStack();
  spec.gateways = {Ip("10.244.0.1")};

  const Status attached = network.Attach(spec);

  ASSERT_FALSE(attached.ok());
  EXPECT_EQ(attached.error().code(), ErrorCode::kInvalid);
  EXPECT_THAT(attached.error().message(), HasSubstr("no gateway for address fd00::5"));
  ExpectNothingLeft();
}

TEST_P(KernelPodNetworkTest, OnlyTheUserspaceDatapathNeedsChecksumsAndAGuard) {
  KernelPodNetwork network(GetParam());
  ASSERT_TRUE(network.Attach(Spec()).ok());

  const bool netdev = GetParam() == Datapath::kNetdev;
  EXPECT_THAT(pod_.Run("ethtool -k eth0"),
              HasSubstr(netdev ? "tx-checksumming: off" : "tx-checksumming: on"));
  EXPECT_EQ(
      RunOnHost("nft list ruleset").find("ingress device \"slu0123456789ab\"") != std::string::npos,
      netdev);
}

TEST_P(KernelPodNetworkTest, AttachingAgainReplacesWhatWasLeft) {
  KernelPodNetwork network(GetParam());
  ASSERT_TRUE(network.Attach(Spec()).ok());
  PodLinkSpec changed = Spec();
  changed.ips = {Ip("10.244.0.9")};

  const Status attached = network.Attach(changed);

  ASSERT_TRUE(attached.ok()) << attached.error().message();
  EXPECT_TRUE(network.Check(changed).ok());
  EXPECT_FALSE(network.Check(Spec()).ok());
}

TEST_P(KernelPodNetworkTest, DetachIsIdempotentAndLeavesNothing) {
  KernelPodNetwork network(GetParam());
  ASSERT_TRUE(network.Attach(Spec()).ok());
  EXPECT_TRUE(network.Detach(Spec().host_ifname).ok());
  EXPECT_TRUE(network.Detach(Spec().host_ifname).ok());
  ExpectNothingLeft();
  EXPECT_THAT(pod_.Run("ip link show eth0"), HasSubstr("does not exist"));
}

TEST_P(KernelPodNetworkTest, DetachSucceedsWhenTheNamespaceIsGone) {
  KernelPodNetwork network(GetParam());
  const PodLinkSpec spec = Spec();
  ASSERT_TRUE(network.Attach(spec).ok());

  pod_.Destroy();

  EXPECT_TRUE(network.Detach(spec.host_ifname).ok());
  ExpectNothingLeft();
}

TEST_P(KernelPodNetworkTest, DetachRemovesTheGuardOfALinkThatWentByItself) {
  KernelPodNetwork network(GetParam());
  ASSERT_TRUE(network.Attach(Spec()).ok());
  RunOnHost("ip link del " + Spec().host_ifname);

  EXPECT_TRUE(network.Detach(Spec().host_ifname).ok());

  ExpectNothingLeft();
}

TEST_P(KernelPodNetworkTest, AMissingNamespaceIsNamed) {
  KernelPodNetwork network(GetParam());
  PodLinkSpec spec = Spec();
  spec.netns = "/run/netns/no-such-pod";

  const Status attached = network.Attach(spec);

  ASSERT_FALSE(attached.ok());
  EXPECT_EQ(attached.error().code(), ErrorCode::kNotFound);
  EXPECT_THAT(attached.error().message(),
              HasSubstr("network namespace /run/netns/no-such-pod: No such file"));
  ExpectNothingLeft();
}

TEST_P(KernelPodNetworkTest, AFileThatIsNoNamespaceIsNamed) {
  KernelPodNetwork network(GetParam());
  PodLinkSpec spec = Spec();
  spec.netns = "/dev/null";

  const Status attached = network.Attach(spec);

  ASSERT_FALSE(attached.ok());
  EXPECT_THAT(attached.error().message(), HasSubstr("/dev/null: not a network namespace"));
  ExpectNothingLeft();
}

TEST_P(KernelPodNetworkTest, ANameThatIsTakenInThePodFailsAndIsLeftAlone) {
  KernelPodNetwork network(GetParam());
  pod_.Run("ip link add eth0 type bridge");

  const Status attached = network.Attach(Spec());

  EXPECT_FALSE(attached.ok());
  ExpectNothingLeft();
  EXPECT_THAT(pod_.Run("ip -d link show eth0"), HasSubstr("bridge "));
}

TEST_P(KernelPodNetworkTest, AFailureAfterTheLinkExistsTakesItAwayAgain) {
  KernelPodNetwork network(GetParam());
  PodLinkSpec spec = Spec();
  spec.gateways.push_back(Ip("fd00::1"));
  spec.ips.push_back(Ip("ff02::1"));  // nobody's own address

  EXPECT_FALSE(network.Attach(spec).ok());

  ExpectNothingLeft();
  EXPECT_THAT(pod_.Run("ip link show eth0"), HasSubstr("does not exist"));
}

TEST_P(KernelPodNetworkTest, NamesThatAreNoneAreRefused) {
  KernelPodNetwork network(GetParam());
  for (const char* name : {"", "a/b", "..", "sixteen-letters-", "a b", "a:b"}) {
    PodLinkSpec spec = Spec();
    spec.ifname = name;
    const Status attached = network.Attach(spec);
    ASSERT_FALSE(attached.ok()) << name;
    EXPECT_EQ(attached.error().code(), ErrorCode::kInvalid) << attached.error().message();
    EXPECT_FALSE(network.Detach(name).ok()) << name;
  }
}

TEST_P(KernelPodNetworkTest, CheckNamesWhatDiffers) {
  struct Case {
    std::string in_pod, difference;
  };
  const std::vector<Case> cases = {
      {"ip addr del 10.244.0.5/32 dev eth0", "no address 10.244.0.5/32"},
      {"ip addr add 10.9.9.9/24 dev eth0", "foreign address 10.9.9.9/24"},
      {"ip link set eth0 mtu 1300", "MTU is 1300, not 1400"},
      {"ip link set eth0 address 0a:00:00:00:00:99", "MAC address is 0a:00:00:00:00:99"},
      {"ip route del default", "no route to 0.0.0.0/0 via 10.244.0.1"},
      {"ip neigh del 10.244.0.1 dev eth0", "no permanent neighbour 10.244.0.1"},
      {"ip neigh replace 10.244.0.1 lladdr 0a:00:00:00:00:66 dev eth0 nud permanent",
       "no permanent neighbour 10.244.0.1"},
      {"ip addr del fd00::5/128 dev eth0", "no address fd00::5/128"},
      {"ip addr add fd00::6/128 dev eth0", "foreign address fd00::6/128"},
      {"ip -6 route del default", "no route to ::/0 via fd00::1"},
      {"ip neigh del fd00::1 dev eth0", "no permanent neighbour fd00::1"},
      {"ip link set eth0 down", "link is down"},
      {"ip link del eth0", "device eth0"},
  };
  KernelPodNetwork network(GetParam());
  for (const auto& [in_pod, difference] : cases) {
    ASSERT_TRUE(network.Attach(DualStack()).ok());
    pod_.Run(in_pod);
    const Status checked = network.Check(DualStack());
    ASSERT_FALSE(checked.ok()) << in_pod;
    EXPECT_THAT(checked.error().message(), HasSubstr(difference)) << in_pod;
  }
}

TEST_P(KernelPodNetworkTest, CheckNamesAHostEndThatIsDown) {
  KernelPodNetwork network(GetParam());
  ASSERT_TRUE(network.Attach(Spec()).ok());
  RunOnHost("ip link set slu0123456789ab down");
  const Status checked = network.Check(Spec());
  ASSERT_FALSE(checked.ok());
  EXPECT_THAT(checked.error().message(), HasSubstr("slu0123456789ab is down"));
}

class HostGuardTest : public KernelPodNetworkTest {};
INSTANTIATE_TEST_SUITE_P(Netdev, HostGuardTest, ::testing::Values(Datapath::kNetdev));

TEST_P(HostGuardTest, CheckMissesAGuardThatIsGone) {
  KernelPodNetwork network(GetParam());
  ASSERT_TRUE(network.Attach(Spec()).ok());
  RunOnHost("nft delete table netdev sluice");
  const Status checked = network.Check(Spec());
  ASSERT_FALSE(checked.ok());
  EXPECT_THAT(checked.error().message(), HasSubstr("slu0123456789ab has no guard"));
}

TEST_P(HostGuardTest, TheHostDoesNotAnswerThePod) {
  // The host has the gateway's address and would answer ARP and TCP for it on any link.
  KernelPodNetwork network(GetParam());
  RunOnHost("ip addr add 10.244.0.1/32 dev lo");
  ASSERT_TRUE(network.Attach(Spec()).ok());
  RunOnHost("ip link set slu0123456789ab arp on");
  RunOnHost("ip route add 10.244.0.5 dev slu0123456789ab");
  pod_.Run("ip neigh del 10.244.0.1 dev eth0");

  const std::string guarded = pod_.Run("timeout 1 bash -c '</dev/tcp/10.244.0.1/9'");
  RunOnHost("nft delete table netdev sluice");
  const std::string unguarded = pod_.Run("timeout 5 bash -c '</dev/tcp/10.244.0.1/9'");

  EXPECT_THAT(guarded, Not(HasSubstr("refused")));
  EXPECT_THAT(unguarded, HasSubstr("refused")) << "the test proves nothing";
}

// Counts the events that show the device up.
int UpEvents(nl_sock* events, const std::string& device) {
  struct Seen {
    std::string device;
    int ups = 0;
  } seen{.device = device};
  const auto parse = [](nl_msg* message, void* argument) {
    const auto look = [](nl_object* object, void* out) {
      auto* link = reinterpret_cast<rtnl_link*>(object);
      auto* result = static_cast<Seen*>(out);
      const bool is_it = result->device == rtnl_link_get_name(link);
      if (is_it && (rtnl_link_get_flags(link) & IFF_UP) != 0) ++result->ups;
    };
    nl_msg_parse(message, look, argument);
    return static_cast<int>(NL_OK);
  };
  nl_socket_modify_cb(events, NL_CB_VALID, NL_CB_CUSTOM, parse, &seen);
  nl_socket_set_nonblocking(events);
  while (nl_recvmsgs_default(events) >= 0) {
  }
  return seen.ups;
}

TEST_P(HostGuardTest, ALinkWithoutItsGuardNeverGoesUp) {
  KernelPodNetwork network(GetParam());
  const std::string device = Spec().host_ifname;
  const auto events = RtnlSocket::Open();
  ASSERT_TRUE(events.ok());
  nl_socket_disable_seq_check(events->get());
  ASSERT_EQ(nl_socket_add_membership(events->get(), RTNLGRP_LINK), 0);
  // A chain that is jumped to cannot be replaced.
  RunOnHost("nft 'add table netdev sluice; add chain netdev sluice " + device +
            "; add chain netdev sluice x; add rule netdev sluice x jump " + device + "'");

  const Status attached = network.Attach(Spec());

  ASSERT_FALSE(attached.ok());
  EXPECT_THAT(attached.error().message(), HasSubstr("guard of " + device));
  EXPECT_EQ(UpEvents(events->get(), device), 0);
  RunOnHost("nft delete table netdev sluice");
  ExpectNothingLeft();
  ASSERT_TRUE(network.Attach(Spec()).ok());
  EXPECT_GT(UpEvents(events->get(), device), 0) << "the test proves nothing";
}

}  // namespace
}  // namespace sluice::netlink
