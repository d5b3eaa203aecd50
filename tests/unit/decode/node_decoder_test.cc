#include "tests/unit/decode/decoding.h"

namespace sluice::decode {
namespace {

using store::Node;

std::string NodeWith(const std::string& fields) {
  return "{'apiVersion':'v1','kind':'Node','metadata':{'name':'n1'}," + fields + "}";
}

TEST(NodeDecoderTest, KeepsNameNetworksAndInternalAddresses) {
  const auto node = Decoded<Node>(NodeWith(
      "'spec':{'podCIDR':'10.244.1.0/24','podCIDRs':['fd00:10:244:1::/64','10.244.1.0/24']},"
      "'status':{'addresses':[{'type':'Hostname','address':'n1'},"
      "{'type':'InternalIP','address':'172.30.0.1'},{'type':'ExternalIP','address':'192.0.2.1'},"
      "{'type':'InternalIP','address':'fd00:30::1'}]}"));

  EXPECT_EQ(node.name, "n1");
  EXPECT_EQ(node.pod_cidrs,
            (std::vector{*ParseCidr("10.244.1.0/24"), *ParseCidr("fd00:10:244:1::/64")}));
  EXPECT_EQ(node.internal_ips, (std::vector{*ParseIp("172.30.0.1"), *ParseIp("fd00:30::1")}));
}

TEST(NodeDecoderTest, TheOldFieldCountsWhereTheNewOneIsMissing) {
  for (const char* more : {"", ",'podCIDRs':null", ",'podCIDRs':[]"}) {
    const auto node =
        Decoded<Node>(NodeWith("'spec':{'podCIDR':'10.244.1.0/24'" + std::string(more) + "}"));
    EXPECT_EQ(node.pod_cidrs, std::vector{*ParseCidr("10.244.1.0/24")});
  }
}

TEST(NodeDecoderTest, MayHaveNeitherNetworkNorAddress) {
  for (const char* fields :
       {"'spec':{}", "'spec':null,'status':null", "'status':{'addresses':[]}"}) {
    const auto node = Decoded<Node>(NodeWith(fields));
    EXPECT_TRUE(node.pod_cidrs.empty());
    EXPECT_TRUE(node.internal_ips.empty());
  }
}

TEST(NodeDecoderTest, RefusesWhatItCannotRead) {
  const auto refusal = [](const std::string& fields) { return Refusal(NodeWith(fields)); };
  EXPECT_THAT(refusal("'spec':{'podCIDRs':['10.244.1.0']}"),
              testing::StartsWith("spec.podCIDRs[0]: "));
  EXPECT_THAT(refusal("'spec':{'podCIDR':'x'}"), testing::StartsWith("spec.podCIDR: "));
  EXPECT_EQ(refusal("'spec':{'podCIDRs':['10.244.1.0/24','10.244.2.0/24']}"),
            "spec.podCIDRs[1]: is the second one of its family");
  EXPECT_EQ(refusal("'spec':{'podCIDRs':[7]}"),
            "spec.podCIDRs[0]: a string was expected, the number 7 found; quote it");
  EXPECT_THAT(refusal("'status':{'addresses':[{'type':'InternalIP','address':'n1'}]}"),
              testing::StartsWith("status.addresses[0].address: "));
  EXPECT_EQ(refusal("'status':{'addresses':['172.30.0.1']}"),
            "status.addresses[0]: an object was expected, the string \"172.30.0.1\" found");
}

}  // namespace
}  // namespace sluice::decode
