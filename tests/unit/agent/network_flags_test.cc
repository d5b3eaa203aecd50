#include "agent/network_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/agent/node_networks.h"

namespace sluice {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(ParseNetworksTest, TakesEitherFamilyOrBothInAnyOrder) {
  EXPECT_EQ(*ParseNetworks({.gateway = "10.244.0.1", .pod_cidr = "10.244.0.0/24"}),
            std::vector{kIPv4});
  EXPECT_EQ(*ParseNetworks({.gateway = "fd00:10:244::1", .pod_cidr = "fd00:10:244::/64"}),
            std::vector{kIPv6});
  EXPECT_EQ(*ParseNetworks({.gateway = "10.244.0.1,fd00:10:244::1",
                            .pod_cidr = "fd00:10:244::/64,10.244.0.0/24"}),
            (std::vector{kIPv4, kIPv6}));
}

TEST(ParseNetworksTest, EveryErrorNamesTheFlagAndTheEntry) {
  struct Case {
    NetworkFlags flags;
    std::string flag, entry;
  };
  for (const auto& [flags, flag, entry] : std::vector<Case>{
           {{"10.244.0.1", ""}, "--pod_cidr", ""},
           {{"", "10.244.0.0/24"}, "--gateway", ""},
           {{"10.244.0.1,", "10.244.0.0/24"}, "--gateway", ""},
           {{"10.244.0.1", "10.244.0.0"}, "--pod_cidr", "10.244.0.0"},
           {{"10.244.0.1 ", "10.244.0.0/24"}, "--gateway", "10.244.0.1 "},
           {{"10.9.0.1", "10.244.0.0/24"}, "--gateway", "10.9.0.1 is not in --pod_cidr 10.244"},
           {{"10.244.0.0", "10.244.0.0/24"}, "--gateway", "10.244.0.0 is the address of"},
           {{"10.244.0.1,10.244.0.2", "10.244.0.0/24"}, "--gateway", "10.244.0.2 is the second"},
           {{"10.244.0.1", "10.244.0.0/24,10.9.0.0/24"}, "--pod_cidr", "second one of IPv4"},
           {{"10.244.0.1", "10.244.0.0/24,fd00::/64"}, "--gateway", "IPv6, for --pod_cidr fd00::"},
           {{"10.244.0.1,fd00::1", "10.244.0.0/24"}, "--pod_cidr", "none of IPv6"},
           {{"10.244.0.1,fd00::1", "fd00::/64"}, "--pod_cidr", "none of IPv4"},
       }) {
    const auto parsed = ParseNetworks(flags);
    ASSERT_FALSE(parsed.ok()) << flags.gateway << " " << flags.pod_cidr;
    EXPECT_THAT(parsed.error().message(), AllOf(StartsWith(flag), HasSubstr(entry)));
  }
}

TEST(NetworksOfTest, TheGatewayIsTheFirstAddressOfEach) {
  EXPECT_EQ(*NetworksOf({kIPv4.pod_cidr, kIPv6.pod_cidr}), (std::vector{kIPv4, kIPv6}));
  EXPECT_EQ(NetworksOf({*ParseCidr("10.244.0.252/30")})->front().gateway, *ParseIp("10.244.0.253"));
}

TEST(NetworksOfTest, ANetworkWithoutRoomForPodsIsNamed) {
  for (const char* cidr : {"10.244.0.4/31", "10.244.0.4/32", "fd00::2/127"}) {
    const auto networks = NetworksOf({*ParseCidr(cidr)});
    ASSERT_FALSE(networks.ok());
    EXPECT_THAT(networks.error().message(), HasSubstr(cidr));
  }
}

TEST(ParseMasqueradeTest, ExceptionsAreListsOfAnyLength) {
  const std::vector<Cidr> both = {*ParseCidr("10.244.0.0/16"), *ParseCidr("fd00:10:244::/48"),
                                  *ParseCidr("192.168.0.0/16")};
  EXPECT_EQ(*ParseMasquerade({.masquerade = true,
                              .cluster_cidr = "10.244.0.0/16,fd00:10:244::/48",
                              .no_masquerade_cidrs = "192.168.0.0/16"}),
            both);
  EXPECT_EQ(*ParseMasquerade({.masquerade = true, .cluster_cidr = "", .no_masquerade_cidrs = ""}),
            std::vector<Cidr>());
  EXPECT_EQ(*ParseMasquerade({.masquerade = false, .cluster_cidr = "", .no_masquerade_cidrs = ""}),
            std::nullopt);
}

TEST(ParseMasqueradeTest, TheErrorNamesTheFlag) {
  const auto cluster = ParseMasquerade(
      {.masquerade = true, .cluster_cidr = "10.244.0.0", .no_masquerade_cidrs = ""});
  ASSERT_FALSE(cluster.ok());
  EXPECT_THAT(cluster.error().message(), StartsWith("--cluster_cidr: "));
  const auto more = ParseMasquerade(
      {.masquerade = true, .cluster_cidr = "", .no_masquerade_cidrs = "10.0.0.0/8,,"});
  ASSERT_FALSE(more.ok());
  EXPECT_THAT(more.error().message(), StartsWith("--no_masquerade_cidrs: "));
}

}  // namespace
}  // namespace sluice
