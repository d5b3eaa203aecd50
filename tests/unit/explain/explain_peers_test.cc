// Nearest misses of peers, word by word.
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

// Given: a db, isolated by one policy with the rule; a client of namespace shop and one of ops.
Cluster WithRule(const store::PolicyRule& rule) {
  Cluster cluster;
  cluster.Put(fakes::NamespaceOf("shop", {{"team", "red"}}))
      .Put(fakes::NamespaceOf("ops"))
      .Attach(PodBuilder("shop", "db").Labels({{"app", "db"}}).Ip("10.244.0.2"))
      .Attach(PodBuilder("shop", "client").Labels({{"role", "client"}}).Ip("10.244.0.5"))
      .Attach(PodBuilder("ops", "probe").Labels({{"role", "client"}}).Ip("10.244.0.6"))
      .Put(store::NetworkPolicy(
          PolicyBuilder("shop", "db").Selects({Is("app", "db")}).Ingress(rule)));
  return cluster;
}

TEST(ExplainPeersTest, AMatchingPeerIsNamedWithWhomItMatches) {
  const Explanation why =
      WithRule(RuleBuilder().Pods({Is("role", "client")})).Why("shop/client", "shop/db:80");

  EXPECT_EQ(Verdict(why), "allowed");
  EXPECT_THAT(IngressLines(why),
              ElementsAre("shop/db ingress[0]: podSelector role=client matches 10.244.0.5 "
                          "(shop/client), any port"));
}

TEST(ExplainPeersTest, ALabelThatDiffersOrIsAbsent) {
  const Cluster cluster =
      WithRule(RuleBuilder().Pods({Is("role", "api")}).Pods({fakes::Exists("tier")}));

  const Explanation why = cluster.Why("shop/client", "shop/db:80");

  EXPECT_EQ(Verdict(why), "denied");
  EXPECT_THAT(IngressLines(why),
              ElementsAre("shop/db ingress[0]: podSelector role=api: shop/client has role=client; "
                          "podSelector tier: shop/client has no label tier"));
}

TEST(ExplainPeersTest, APodSelectorAloneMeansThePolicysNamespace) {
  const Explanation why =
      WithRule(RuleBuilder().Pods({Is("role", "client")})).Why("ops/probe", "shop/db:80");

  EXPECT_EQ(Verdict(why), "denied");
  EXPECT_THAT(IngressLines(why),
              ElementsAre("shop/db ingress[0]: podSelector role=client means pods of namespace "
                          "shop only, not of ops"));
}

TEST(ExplainPeersTest, OneOfTwoSelectorsIsNearerThanNone) {
  const Cluster cluster = WithRule(
      RuleBuilder().Pods({Is("role", "api")}).PodsIn({Is("team", "red")}, {Is("role", "client")}));

  EXPECT_THAT(IngressLines(cluster.Why("ops/probe", "shop/db:80")),
              ElementsAre("shop/db ingress[0]: namespaceSelector team=red: namespace ops has no "
                          "label team; podSelector role=api means pods of namespace shop only, "
                          "not of ops; podSelector role=api: ops/probe has role=client"));
  EXPECT_THAT(IngressLines(cluster.Why("shop/client", "shop/db:80")),
              ElementsAre("shop/db ingress[0]: namespaceSelector team=red and podSelector "
                          "role=client match 10.244.0.5 (shop/client), any port"));
}

TEST(ExplainPeersTest, AnUnknownNamespaceMatchesNoSelectorNotEvenAnEmptyOne) {
  Cluster cluster = WithRule(RuleBuilder().Namespaces({}));
  cluster.Attach(PodBuilder("new", "pod").Ip("10.244.0.9"));

  const Explanation why = cluster.Why("new/pod", "shop/db:80");

  EXPECT_EQ(Verdict(why), "denied");
  EXPECT_THAT(IngressLines(why),
              ElementsAre("shop/db ingress[0]: namespaceSelector {}: namespace new is not known"));
}

TEST(ExplainPeersTest, BlocksSayOutsideExceptAndFamily) {
  const Cluster cluster = WithRule(RuleBuilder()
                                       .Block("172.17.0.0/16", {"172.17.1.0/24"})
                                       .Block("192.0.2.0/24")
                                       .Block("fd00::/8"));

  EXPECT_EQ(Verdict(cluster.Why("172.17.2.1", "shop/db:80")), "allowed");
  EXPECT_THAT(IngressLines(cluster.Why("172.17.1.9", "shop/db:80")),
              ElementsAre("shop/db ingress[0]: ipBlock 172.17.0.0/16: address is in its except "
                          "172.17.1.0/24; ipBlock 192.0.2.0/24: 172.17.1.9 is outside; ipBlock "
                          "fd00::/8 is IPv6, 172.17.1.9 is IPv4"));
}

TEST(ExplainPeersTest, ABlockMeansPodsToo) {
  const Explanation why =
      WithRule(RuleBuilder().Block("10.244.0.4/30")).Why("ops/probe", "shop/db:80");

  EXPECT_EQ(Verdict(why), "allowed");
  EXPECT_THAT(IngressLines(why), ElementsAre("shop/db ingress[0]: ipBlock 10.244.0.4/30 contains "
                                             "10.244.0.6 (ops/probe), any port"));
}

TEST(ExplainPeersTest, SelectorsNeverMeanWhoIsNoPod) {
  const Cluster cluster = WithRule(RuleBuilder().Namespaces({}));

  EXPECT_THAT(IngressLines(cluster.Why("203.0.113.7", "shop/db:80")),
              ElementsAre("shop/db ingress[0]: namespaceSelector {} means pods, 203.0.113.7 is "
                          "none"));
}

TEST(ExplainPeersTest, ALongListIsCutShort) {
  RuleBuilder rule;
  for (int i = 1; i <= 9; ++i) rule.Block("192.0.2." + std::to_string(i) + "/32");

  const auto lines = IngressLines(WithRule(rule).Why("203.0.113.7", "shop/db:80"));

  EXPECT_THAT(lines, ElementsAre(testing::EndsWith(
                         "192.0.2.4/32: 203.0.113.7 is outside; and 5 more peers do not match")));
}

}  // namespace
}  // namespace sluice::explain
