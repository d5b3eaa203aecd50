// Nearest misses of ports, word by word; who resolves a named port.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/explain/explaining.h"

namespace sluice::explain {
namespace {

using fakes::Is;
using fakes::PodBuilder;
using fakes::PolicyBuilder;
using fakes::RuleBuilder;
using store::Protocol;
using testing::ElementsAre;

store::PolicyPort Named(const std::string& name, Protocol protocol) {
  return {.protocol = protocol, .port = name, .end = {}};
}

// Given: a web that calls TCP 8080 "http" and UDP 80 "http"; a client.
Cluster TwoPods() {
  store::Pod web = PodBuilder("shop", "web").Labels({{"app", "web"}}).Ip("10.244.0.2");
  web = WithPort(web, {"http", Protocol::kTcp, 8080});
  web = WithPort(web, {"http", Protocol::kUdp, 80});
  Cluster cluster;
  cluster.Put(fakes::NamespaceOf("shop"))
      .Attach(web)
      .Attach(PodBuilder("shop", "client").Labels({{"app", "client"}}).Ip("10.244.0.3"));
  return cluster;
}
Cluster WithIngress(const store::PolicyRule& rule) {
  Cluster cluster = TwoPods();
  cluster.Put(
      store::NetworkPolicy(PolicyBuilder("shop", "web").Selects({Is("app", "web")}).Ingress(rule)));
  return cluster;
}
Cluster WithEgress(const store::PolicyRule& rule) {
  Cluster cluster = TwoPods();
  cluster.Put(store::NetworkPolicy(
      PolicyBuilder("shop", "client").Selects({Is("app", "client")}).Egress(rule)));
  return cluster;
}

TEST(ExplainPortsTest, ThePeerMatchesAndThePortDoesNot) {
  const Explanation why = WithIngress(RuleBuilder().Pods({Is("app", "client")}).Tcp(80))
                              .Why("shop/client", "shop/web:6379");

  EXPECT_EQ(Verdict(why), "denied");
  EXPECT_THAT(IngressLines(why),
              ElementsAre("shop/web ingress[0]: podSelector app=client matches 10.244.0.3 "
                          "(shop/client), port 6379/TCP does not (rule has 80/TCP)"));
}

TEST(ExplainPortsTest, RangesAndWholeProtocols) {
  const Cluster cluster = WithIngress(RuleBuilder().TcpRange({8000, 8080}).Every(Protocol::kSctp));

  EXPECT_EQ(Verdict(cluster.Why("shop/client", "shop/web:8000")), "allowed");
  EXPECT_EQ(Verdict(cluster.Why("shop/client", "shop/web:8080")), "allowed");
  EXPECT_EQ(Verdict(cluster.Why("shop/client", "shop/web:7/sctp")), "allowed");
  EXPECT_EQ(Verdict(cluster.Why("shop/client", "shop/web:7999")), "denied");
  EXPECT_THAT(IngressLines(cluster.Why("shop/client", "shop/web:8081")),
              ElementsAre("shop/web ingress[0]: any peer matches, port 8081/TCP does not (rule has "
                          "8000-8080/TCP, every port/SCTP)"));
}

TEST(ExplainPortsTest, AnIngressNameIsTheSubjects) {
  const Cluster cluster = WithIngress(RuleBuilder().Port(Named("http", Protocol::kTcp)));

  EXPECT_EQ(Verdict(cluster.Why("shop/client", "shop/web:8080")), "allowed");
  EXPECT_EQ(Verdict(cluster.Why("10.9.9.9", "shop/web:8080")), "allowed");
  EXPECT_THAT(IngressLines(cluster.Why("shop/client", "shop/web:80")),
              ElementsAre("shop/web ingress[0]: any peer matches, named port \"http\" of shop/web "
                          "is 8080/TCP"));
}

TEST(ExplainPortsTest, AnEgressNameIsThePeers) {
  const Cluster cluster = WithEgress(RuleBuilder().Pods({}).Port(Named("http", Protocol::kTcp)));

  EXPECT_EQ(Verdict(cluster.Why("shop/client", "shop/web:8080")), "allowed");
  EXPECT_EQ(Verdict(cluster.Why("shop/client", "shop/web:80")), "denied");
}

TEST(ExplainPortsTest, ANameThatNobodyDefines) {
  const Cluster cluster = WithEgress(RuleBuilder().Port(Named("admin", Protocol::kTcp)));

  EXPECT_THAT(EgressLines(cluster.Why("shop/client", "shop/web:8080")),
              ElementsAre("shop/client egress[0]: any peer matches, named port \"admin\" is not "
                          "defined by shop/web for TCP"));
  EXPECT_THAT(EgressLines(cluster.Why("shop/client", "10.9.9.9:8080")),
              ElementsAre("shop/client egress[0]: any peer matches, named port \"admin\" is a "
                          "pod's, 10.9.9.9 is none"));
}

TEST(ExplainPortsTest, TheQuestionMayNameThePort) {
  const Cluster cluster = WithIngress(RuleBuilder().Tcp(8080));

  const Explanation tcp = cluster.Why("shop/client", "shop/web:http");
  EXPECT_EQ(Verdict(tcp), "allowed");
  EXPECT_EQ(tcp.paths.at(0).port, 8080);
  const Explanation udp = cluster.Why("shop/client", "shop/web:http/udp");
  EXPECT_EQ(Verdict(udp), "denied");
  EXPECT_EQ(udp.paths.at(0).port, 80);
  const Explanation none = cluster.Why("shop/client", "shop/web:http/sctp");
  EXPECT_EQ(Verdict(none), "unknown");
  EXPECT_THAT(none.notes, ElementsAre("10.244.0.2 (shop/web) defines no port \"http\" for SCTP"));
}

// Rules are no cross product: the peer and the port have to match in one rule.
TEST(ExplainPortsTest, APeerOfOneRuleAndAPortOfAnotherAllowNothing) {
  Cluster cluster = TwoPods();
  cluster.Put(store::NetworkPolicy(PolicyBuilder("shop", "web")
                                       .Selects({Is("app", "web")})
                                       .Ingress(RuleBuilder().Pods({Is("app", "client")}).Tcp(81))
                                       .Ingress(RuleBuilder().Pods({Is("app", "other")}).Tcp(80))));

  const Explanation why = cluster.Why("shop/client", "shop/web:80");

  EXPECT_EQ(Verdict(why), "denied");
  EXPECT_THAT(IngressLines(why),
              ElementsAre("shop/web ingress[0]: podSelector app=client matches 10.244.0.3 "
                          "(shop/client), port 80/TCP does not (rule has 81/TCP)",
                          "shop/web ingress[1]: podSelector app=other: shop/client has app=client; "
                          "port 80/TCP matches (rule has 80/TCP)"));
}

}  // namespace
}  // namespace sluice::explain
