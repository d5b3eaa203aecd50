#include "agent/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/agent/node_networks.h"

namespace sluice {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

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

TEST(SetNetworksTest, AnIPv6NetworkNeedsIPv6sLeastMtu) {
  Options options;
  options.mtu = 1279;
  EXPECT_TRUE(SetNetworks(options, {kIPv4}).ok());
  EXPECT_EQ(options.networks, std::vector{kIPv4});
  const Status both = SetNetworks(options, {kIPv4, kIPv6});
  ASSERT_FALSE(both.ok());
  EXPECT_THAT(both.error().message(), AllOf(StartsWith("--mtu"), HasSubstr("1280")));
  EXPECT_EQ(options.networks, std::vector{kIPv4});
}

TEST(CheckCniConfTest, BothOrNeither) {
  EXPECT_TRUE(CheckCniConf({.directory = "", .template_file = ""}).ok());
  EXPECT_TRUE(CheckCniConf({.directory = "d", .template_file = "f"}).ok());
  for (const CniConfFlags& flags : {CniConfFlags{"d", ""}, CniConfFlags{"", "f"}}) {
    const Status checked = CheckCniConf(flags);
    ASSERT_FALSE(checked.ok());
    EXPECT_THAT(checked.error().message(),
                AllOf(HasSubstr("--cni_conf_dir"), HasSubstr("--cni_conf_template")));
  }
}

TEST(ParseHttpAddressTest, NothingIsServedUnlessTold) {
  EXPECT_EQ(*ParseHttpAddress(""), std::nullopt);
  EXPECT_EQ((*ParseHttpAddress("127.0.0.1:9560"))->ToString(), "127.0.0.1:9560");
}

TEST(ParseHttpAddressTest, TheErrorNamesTheFlag) {
  const auto address = ParseHttpAddress("node-1:9560");
  ASSERT_FALSE(address.ok());
  EXPECT_THAT(address.error().message(), StartsWith("--http_address: \"node-1:9560\""));
}

}  // namespace
}  // namespace sluice
