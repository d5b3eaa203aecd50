#include "agent/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const netlink::NodeNetwork kIPv4{.gateway = *ParseIp("10.244.0.1"),
                                 .pod_cidr = *ParseCidr("10.244.0.0/24")};
const netlink::NodeNetwork kIPv6{.gateway = *ParseIp("fd00:10:244::1"),
                                 .pod_cidr = *ParseCidr("fd00:10:244::/64")};

TEST(ParseSourceTest, ExactlyOneIsTaken) {
  EXPECT_EQ(*ParseSource({.manifests = "dir", .kubeconfig = "", .in_cluster = false}),
            ObjectSource::kManifests);
  EXPECT_EQ(*ParseSource({.manifests = "", .kubeconfig = "file", .in_cluster = false}),
            ObjectSource::kKubeconfig);
  EXPECT_EQ(*ParseSource({.manifests = "", .kubeconfig = "", .in_cluster = true}),
            ObjectSource::kInCluster);
}

TEST(ParseSourceTest, NoneAndMoreAreOneErrorThatNamesAll) {
  for (const SourceFlags& flags : {SourceFlags{"", "", false}, SourceFlags{"dir", "file", false},
                                   SourceFlags{"dir", "", true}, SourceFlags{"", "file", true}}) {
    const auto source = ParseSource(flags);
    ASSERT_FALSE(source.ok());
    EXPECT_THAT(source.error().message(), AllOf(HasSubstr("--manifests"), HasSubstr("--kubeconfig"),
                                                HasSubstr("--in_cluster")));
  }
}

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

}  // namespace
}  // namespace sluice
