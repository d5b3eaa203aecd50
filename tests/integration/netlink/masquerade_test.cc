// Real packets: a pod behind the node, and before it a world that says whose address it sees.
#include "agent/netlink/masquerade.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "tests/integration/netlink/test_namespace.h"

namespace sluice::netlink {
namespace {

using testing::HasSubstr;
using testing::Not;

class MasqueradeTest : public testing::Test {
 protected:
  MasqueradeTest() {
    EnterFreshHost();
    masquerade_.emplace();
    RunOnHost("sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
    Wire(pod_, "pod0", "10.244.1.1/24", "fd00:244:1::1/64");
    Wire(world_, "up0", "172.30.0.1/24", "fd00:30::1/64");
    Configure(pod_, {"addr add 10.244.1.5/24 dev eth0", "addr add fd00:244:1::5/64 dev eth0 nodad",
                     "route add default via 10.244.1.1", "route add default via fd00:244:1::1"});
    // The outside, and a pod of another node, to which there is a way and from which there is one.
    Configure(world_,
              {"link set lo up", "addr add 172.30.0.9/24 dev eth0",
               "addr add fd00:30::9/64 dev eth0 nodad", "addr add 10.244.2.5/32 dev lo",
               "addr add fd00:244:2::5/128 dev lo", "route add 10.244.1.0/24 via 172.30.0.1",
               "route add fd00:244:1::/64 via fd00:30::1"});
    RunOnHost("ip route add 10.244.2.0/24 via 172.30.0.9");
    RunOnHost("ip route add fd00:244:2::/64 via fd00:30::9");
  }

  static void Wire(const TestNamespace& other, const std::string& here, const std::string& v4,
                   const std::string& v6) {
    RunOnHost("ip link add " + here + " type veth peer name eth0 netns " + other.path());
    RunOnHost("ip link set " + here + " up; ip addr add " + v4 + " dev " + here);
    RunOnHost("ip addr add " + v6 + " dev " + here + " nodad");
    other.Run("ip link set eth0 up");
  }
  static void Configure(const TestNamespace& netns, const std::vector<std::string>& commands) {
    for (const std::string& command : commands) netns.Run("ip " + command);
  }

  // The address that a server at `address` sees of a pod that connects.
  std::string SeenBy(const std::string& address) const {
    const bool v6 = address.find(':') != std::string::npos;
    const std::string family = v6 ? "TCP6" : "TCP4";
    const std::string host = v6 ? "[" + address + "]" : address;
    RunOnHost("nsenter --net=" + world_.path() + " timeout 20 socat " + family +
              "-LISTEN:80,reuseaddr SYSTEM:'echo $SOCAT_PEERADDR' >/dev/null 2>&1 </dev/null &");
    return pod_.Run("timeout 20 socat -u " + family + ":" + host + ":80,retry=200,interval=0.05 -");
  }

  static MasqueradeSpec Spec() {
    return {.pods = {*ParseCidr("10.244.1.0/24"), *ParseCidr("fd00:244:1::/64")},
            // Out of order, and one within another.
            .except = {*ParseCidr("10.244.2.0/24"), *ParseCidr("fd00:244::/32"),
                       *ParseCidr("10.244.0.0/16"), *ParseCidr("fd00:244:1::/64")}};
  }
  void Install(const MasqueradeSpec& spec) {
    const Status installed = masquerade_->Install(spec);
    ASSERT_TRUE(installed.ok()) << installed.error().message();
  }

  TestNamespace pod_;
  TestNamespace world_;
  std::optional<Masquerade> masquerade_;  // of the host that was entered
};

TEST_F(MasqueradeTest, TheWorldSeesTheNodeAndTheClusterSeesThePod) {
  Install(Spec());
  EXPECT_EQ(SeenBy("172.30.0.9"), "172.30.0.1\n");
  EXPECT_THAT(SeenBy("fd00:30::9"), HasSubstr("0030:0000:0000:0000:0000:0000:0001"));
  EXPECT_EQ(SeenBy("10.244.2.5"), "10.244.1.5\n");
  EXPECT_THAT(SeenBy("fd00:244:2::5"), HasSubstr("0244:0001:0000:0000:0000:0000:0005"));
}

TEST_F(MasqueradeTest, InstallingAgainTakesThePlaceOfWhatWasThere) {
  Install(Spec());
  MasqueradeSpec spec = Spec();
  spec.except.push_back(*ParseCidr("172.30.0.0/24"));
  Install(spec);
  EXPECT_EQ(SeenBy("172.30.0.9"), "10.244.1.5\n");
  Install(Spec());
  EXPECT_EQ(SeenBy("172.30.0.9"), "172.30.0.1\n");
}

TEST_F(MasqueradeTest, RemovedItIsGoneAndOthersTablesStay) {
  RunOnHost(
      "nft add table ip nat; nft add chain ip nat mine '{ type nat hook postrouting priority "
      "srcnat; }'");
  const std::string before = RunOnHost("nft list ruleset");
  Install(Spec());
  EXPECT_THAT(RunOnHost("nft list ruleset"), HasSubstr("masquerade fully-random"));
  EXPECT_TRUE(masquerade_->Remove().ok());
  EXPECT_EQ(RunOnHost("nft list ruleset"), before);
  EXPECT_TRUE(masquerade_->Remove().ok());
  EXPECT_EQ(SeenBy("172.30.0.9"), "10.244.1.5\n");
}

TEST_F(MasqueradeTest, WithoutExceptionsOrPodsItIsStillATable) {
  Install({.pods = {*ParseCidr("10.244.1.0/24")}, .except = {}});
  EXPECT_EQ(SeenBy("10.244.2.5"), "172.30.0.1\n");
  Install({.pods = {}, .except = {}});
  EXPECT_EQ(SeenBy("172.30.0.9"), "10.244.1.5\n");
}

}  // namespace
}  // namespace sluice::netlink
