// Who is judged, by whom, and what is peculiar about the ends.
#include "agent/explain/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/explain/explaining.h"

namespace sluice::explain {
namespace {

using fakes::Is;
using fakes::PodBuilder;
using fakes::PolicyBuilder;
using fakes::RuleBuilder;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Given: namespace shop whose pods are isolated for ingress, but for TCP 80 from api pods.
Cluster Shop() {
  Cluster cluster;
  cluster.Put(fakes::NamespaceOf("shop"))
      .Attach(PodBuilder("shop", "db").Labels({{"app", "db"}}).Ip("10.244.0.2"))
      .Attach(PodBuilder("shop", "api").Labels({{"app", "api"}}).Ip("10.244.0.3"))
      .Put(store::NetworkPolicy(PolicyBuilder("shop", "deny").Selects({}).IsolatesIngress()))
      .Put(store::NetworkPolicy(PolicyBuilder("shop", "api")
                                    .Selects({})
                                    .Ingress(RuleBuilder().Pods({Is("app", "api")}).Tcp(80))));
  return cluster;
}

TEST(ExplainTest, AllRulesThatAllowAreNamed) {
  Cluster cluster = Shop();
  cluster.Put(store::NetworkPolicy(
      PolicyBuilder("shop", "all").Selects({}).Ingress(RuleBuilder().Tcp(80))));

  const Explanation why = cluster.Why("shop/api", "shop/db:80");

  EXPECT_EQ(Verdict(why), "allowed");
  EXPECT_EQ(why.paths.at(0).ingress.words, "by shop/all ingress[0], shop/api ingress[0]");
  EXPECT_EQ(why.paths.at(0).egress.words, "no policy selects shop/api for egress");
}

TEST(ExplainTest, AnImplicitDenyNamesThePoliciesThatIsolate) {
  const DirectionExplanation ingress = Shop().Why("10.9.9.9", "shop/db:80").paths.at(0).ingress;

  EXPECT_EQ(ingress.outcome, Outcome::kDenied);
  EXPECT_EQ(ingress.words, "isolated by shop/api, shop/deny; no rule allows it");
  ASSERT_EQ(ingress.policies.size(), 2u);
  EXPECT_THAT(ingress.policies[1].rules, IsEmpty());
}

TEST(ExplainTest, APolicySelectsPodsOfItsOwnNamespaceOnly) {
  // Given: one address, claimed by a pod of each of two namespaces.
  Cluster cluster = Shop();
  cluster.Put(fakes::NamespaceOf("ops"))
      .Attach(PodBuilder("ops", "twin").Labels({{"app", "twin"}}).Ip("10.244.0.2"))
      .Put(store::NetworkPolicy(
          PolicyBuilder("ops", "db").Selects({Is("app", "db")}).IsolatesEgress()));

  const Explanation why = cluster.Why("10.244.0.2", "shop/api:80");

  EXPECT_FALSE(why.paths.at(0).egress.isolated);
}

TEST(ExplainTest, AnotherNodesPodIsJudgedThereAndWhatThePoliciesSayIsTold) {
  Cluster cluster = Shop();
  cluster.Put(store::Pod(PodBuilder("shop", "far").Ip("10.244.1.2")));

  const Explanation why = cluster.Why("shop/db", "shop/far:80");

  EXPECT_EQ(Verdict(why), "denied");
  const PathExplanation& path = why.paths.at(0);
  EXPECT_EQ(path.egress.judged_by, JudgedBy::kThisNode);
  EXPECT_EQ(path.ingress.judged_by, JudgedBy::kOtherNode);
  EXPECT_EQ(path.ingress.outcome, Outcome::kDenied);
  EXPECT_THAT(path.notes, ElementsAre(HasSubstr("10.244.1.2 (shop/far) is not attached here: its "
                                                "ingress is judged on its own node")));
}

TEST(ExplainTest, AwayFromAnyNodeEveryPodIsJudgedAndNobodyIsElsewhere) {
  Cluster cluster = Shop();
  cluster.Put(store::Pod(PodBuilder("shop", "far").Ip("10.244.1.2")));

  const PathExplanation path =
      cluster.Why("shop/api", "shop/far:80", View::Judged::kAll).paths.at(0);

  EXPECT_EQ(path.ingress.judged_by, JudgedBy::kThisNode);
  EXPECT_EQ(path.outcome, Outcome::kAllowed);
  EXPECT_THAT(path.notes, IsEmpty());
}

TEST(ExplainTest, TheNodeReachesItsPodsButItsAddressIsNotTheNode) {
  Cluster cluster = Shop();

  EXPECT_EQ(Verdict(cluster.Why("node", "shop/db:80")), "allowed");
  const Explanation address = cluster.Why("10.244.0.1", "shop/db:80");
  EXPECT_EQ(Verdict(address), "denied");
  EXPECT_THAT(address.notes, ElementsAre(HasSubstr("\"node\" means the node itself")));
  // Another node's pod is not its own.
  cluster.Put(store::Pod(PodBuilder("shop", "far").Ip("10.244.1.2")));
  EXPECT_EQ(Verdict(cluster.Why("node", "shop/far:80")), "denied");
}

TEST(ExplainTest, APodsOwnNodeIsSubjectToItsEgressPolicy) {
  Cluster cluster = Shop();
  cluster.Put(store::NetworkPolicy(PolicyBuilder("shop", "out")
                                       .Selects({})
                                       .Egress(RuleBuilder().Block("10.244.0.1/32").Tcp(53))));

  EXPECT_EQ(Verdict(cluster.Why("shop/db", "node:53")), "allowed");
  EXPECT_EQ(Verdict(cluster.Why("shop/db", "node:54")), "denied");
}

TEST(ExplainTest, APodReachesItself) {
  const Explanation why = Shop().Why("shop/db", "10.244.0.2:80");

  EXPECT_EQ(Verdict(why), "allowed");
  EXPECT_THAT(why.paths.at(0).ingress.words, HasSubstr("packets to itself"));
}

TEST(ExplainTest, WhoeverIsNotThereGetsNoVerdict) {
  Cluster cluster = Shop();
  cluster.Put(
      store::Pod(PodBuilder("shop", "job").Ip("10.244.0.7").Phase(store::PodPhase::kSucceeded)));

  const Explanation finished = cluster.Why("shop/job", "shop/db:80");
  EXPECT_EQ(Verdict(finished), "unknown");
  EXPECT_THAT(finished.notes, ElementsAre(HasSubstr("pod shop/job has finished")));
  EXPECT_THAT(cluster.Why("shop/nobody", "shop/db:80").notes,
              ElementsAre("there is no pod shop/nobody"));
  // Its address is free again: whoever sends from it is no pod.
  EXPECT_THAT(cluster.Why("10.244.0.7", "shop/db:80").notes,
              ElementsAre(HasSubstr("10.244.0.7 is no known pod's")));
}

TEST(ExplainTest, NeitherEndAPodIsNoPolicysBusiness) {
  const Explanation why = Shop().Why("192.0.2.1", "192.0.2.2:80");

  EXPECT_EQ(Verdict(why), "allowed");
  EXPECT_THAT(why.paths.at(0).notes, ElementsAre(HasSubstr("neither end is a pod")));
}

TEST(ExplainTest, AHostNetworkPodIsItsNode) {
  store::Pod db = PodBuilder("shop", "db").Labels({{"app", "db"}}).Ip("10.244.0.2");
  db.node = "n1";
  Cluster cluster = Shop();
  cluster.Put(db);
  const auto daemon = [](const std::string& name, const std::string& node) {
    store::Pod pod = PodBuilder("shop", name).Labels({{"app", "api"}}).Ip("192.0.2.9");
    pod.host_network = store::HostNetwork::kYes;
    pod.node = node;
    return pod;
  };
  cluster.Put(daemon("here", "n1")).Put(daemon("there", "n2")).Put(daemon("somewhere", ""));

  EXPECT_EQ(Verdict(cluster.Why("shop/here", "shop/db:80")), "allowed");
  // Its labels would allow it, were it a peer.
  EXPECT_EQ(Verdict(cluster.Why("shop/there", "shop/db:80")), "denied");
  const Explanation somewhere = cluster.Why("shop/somewhere", "shop/db:80");
  EXPECT_EQ(Verdict(somewhere), "unknown");
  EXPECT_THAT(somewhere.paths.at(0).ingress.words,
              HasSubstr("allowed if shop/somewhere is on this node; else: isolated by"));
  EXPECT_THAT(somewhere.notes, Contains(HasSubstr("is on the host network")));
}

TEST(ExplainTest, AStaleRemotePodsAddressIsTheLocalPods) {
  Cluster cluster = Shop();
  cluster.Put(store::Pod(PodBuilder("ops", "stale").Labels({{"x", "y"}}).Ip("10.244.0.3")));

  const Explanation why = cluster.Why("ops/stale", "shop/db:80");

  EXPECT_EQ(Verdict(why), "allowed");  // 10.244.0.3 is shop/api
  EXPECT_THAT(why.notes, ElementsAre("10.244.0.3 of ops/stale belongs to shop/api, a pod of this "
                                     "node, which counts"));
}

TEST(ExplainTest, BothFamiliesOfADualStackPairAreJudged) {
  Cluster cluster;
  cluster.Put(fakes::NamespaceOf("shop"))
      .Attach(PodBuilder("shop", "db").Ip("10.244.0.2").Ip("fd00:10:244::2"))
      .Attach(PodBuilder("shop", "api").Ip("10.244.0.3").Ip("fd00:10:244::3"))
      .Attach(PodBuilder("shop", "old").Ip("10.244.0.4"))
      .Put(store::NetworkPolicy(
          PolicyBuilder("shop", "v4").Selects({}).Ingress(RuleBuilder().Block("0.0.0.0/0"))));

  const Explanation why = cluster.Why("shop/api", "shop/db:80");
  ASSERT_EQ(why.paths.size(), 2u);
  EXPECT_EQ(why.paths[0].outcome, Outcome::kAllowed);
  EXPECT_EQ(why.paths[1].outcome, Outcome::kDenied);
  EXPECT_EQ(Verdict(why), "unknown");
  EXPECT_THAT(why.notes, ElementsAre(HasSubstr("depends on the address family")));

  EXPECT_EQ(Verdict(cluster.Why("shop/api", "[fd00:10:244::2]:80")), "denied");
  EXPECT_EQ(Verdict(cluster.Why("shop/old", "shop/db:80")), "allowed");
  EXPECT_THAT(cluster.Why("shop/old", "[fd00:10:244::2]:80").notes,
              ElementsAre("shop/old and fd00:10:244::2 have no address family in common: no packet "
                          "goes between them"));
}

}  // namespace
}  // namespace sluice::explain
