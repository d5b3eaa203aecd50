// Pods that have no address yet: selectors decide, ipBlocks only when their range is known.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/explain/explaining.h"

namespace sluice::explain {
namespace {

using fakes::Is;
using fakes::PodBuilder;
using fakes::PolicyBuilder;
using fakes::RuleBuilder;
using testing::ElementsAre;
using testing::HasSubstr;

// Given: two pods as in a manifest, without status; one isolated with the rule.
Cluster WithRule(const store::PolicyRule& rule) {
  Cluster cluster;
  cluster.Put(fakes::NamespaceOf("shop"))
      .Put(store::Pod(PodBuilder("shop", "db").Labels({{"app", "db"}})))
      .Put(store::Pod(PodBuilder("shop", "api").Labels({{"app", "api"}})))
      .Put(store::NetworkPolicy(
          PolicyBuilder("shop", "db").Selects({Is("app", "db")}).Ingress(rule)));
  return cluster;
}

std::string VerdictIn(const std::vector<std::string>& ranges, const store::PolicyRule& rule) {
  return Verdict(WithRule(rule).Ranges(ranges).Why("shop/api", "shop/db:80", View::Judged::kAll));
}

TEST(ExplainWithoutAddressTest, SelectorsNeedNoAddress) {
  const auto rule = RuleBuilder().Pods({Is("app", "api")});
  EXPECT_EQ(VerdictIn({}, rule), "allowed");
  EXPECT_EQ(VerdictIn({}, RuleBuilder().Pods({Is("app", "web")})), "denied");
  // The node asks about a pod that it has not attached yet.
  const Explanation why = WithRule(rule).Why("shop/api", "shop/db:80");
  EXPECT_EQ(Verdict(why), "allowed");
  EXPECT_THAT(why.notes, ElementsAre(HasSubstr("shop/api has no address yet and is not attached"),
                                     HasSubstr("shop/db has no address yet")));
}

TEST(ExplainWithoutAddressTest, ABlockDecidesOnlyWhenTheRangeDoes) {
  EXPECT_EQ(VerdictIn({}, RuleBuilder().Block("172.17.0.0/16")), "unknown");
  EXPECT_EQ(VerdictIn({}, RuleBuilder().Block("172.17.0.0/16").Tcp(81)), "denied");

  const std::vector<std::string> pods = {"10.244.0.0/24"};
  EXPECT_EQ(VerdictIn(pods, RuleBuilder().Block("172.17.0.0/16")), "denied");
  EXPECT_EQ(VerdictIn(pods, RuleBuilder().Block("10.0.0.0/8")), "allowed");
  EXPECT_EQ(VerdictIn(pods, RuleBuilder().Block("10.244.0.0/25")), "unknown");
  EXPECT_EQ(VerdictIn(pods, RuleBuilder().Block("10.0.0.0/8", {"10.244.0.0/16"})), "denied");
  EXPECT_EQ(VerdictIn(pods, RuleBuilder().Block("10.0.0.0/8", {"10.244.0.9/32"})), "unknown");
  EXPECT_EQ(VerdictIn(pods, RuleBuilder().Block("10.0.0.0/8", {"10.9.0.0/16"})), "allowed");
}

TEST(ExplainWithoutAddressTest, ARangeAFamilyIsAPathAFamily) {
  EXPECT_EQ(VerdictIn({"10.244.0.0/24", "fd00::/64"}, RuleBuilder().Block("10.0.0.0/8")),
            "unknown");  // IPv4 allowed, IPv6 denied
  EXPECT_EQ(
      VerdictIn({"10.244.0.0/24", "fd00::/64"}, RuleBuilder().Block("10.0.0.0/8").Block("::/0")),
      "allowed");
}

}  // namespace
}  // namespace sluice::explain
