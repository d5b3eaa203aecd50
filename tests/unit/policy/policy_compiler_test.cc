#include "agent/policy/policy_compiler.h"

#include <gtest/gtest.h>

#include "tests/fakes/builders.h"

namespace sluice::policy {
namespace {

using fakes::Exists;
using fakes::Is;
using fakes::PolicyBuilder;
using fakes::RuleBuilder;
using store::Direction;
using store::Protocol;

CompiledDirection CompiledIngress(const store::NetworkPolicy& policy) {
  return Compile(policy, Direction::kIngress).value();
}

std::vector<std::string> PeersOf(const CompiledRule& rule) {
  std::vector<std::string> peers;
  for (const Predicate& peer : rule.peers.value()) peers.push_back(ToString(peer));
  return peers;
}

TEST(PolicyCompilerTest, ADirectionThatIsNotInTheTypesIsAbsent) {
  const store::NetworkPolicy policy = PolicyBuilder("shop", "p").IsolatesIngress();
  EXPECT_TRUE(Compile(policy, Direction::kIngress).has_value());
  EXPECT_TRUE(CompiledIngress(policy).rules.empty());
  EXPECT_FALSE(Compile(policy, Direction::kEgress).has_value());
}

TEST(PolicyCompilerTest, AnEmptyRuleSaysAnyPeerAndAnyService) {
  const auto compiled = CompiledIngress(PolicyBuilder("shop", "p").Ingress({}));
  ASSERT_EQ(compiled.rules.size(), 1u);
  EXPECT_FALSE(compiled.rules[0].peers.has_value());
  EXPECT_FALSE(compiled.rules[0].services.has_value());
}

TEST(PolicyCompilerTest, PeersMeanWhatTheirSelectorsSay) {
  const auto compiled = CompiledIngress(PolicyBuilder("shop", "p")
                                            .Ingress(RuleBuilder()
                                                         .Pods({Is("app", "web")})
                                                         .Namespaces({Is("env", "prod")})
                                                         .PodsIn({}, {Exists("app")})
                                                         .Block("10.0.0.0/8", {"10.1.0.0/16"})));
  EXPECT_EQ(PeersOf(compiled.rules[0]),
            (std::vector<std::string>{"pods shop/{app=web}", "pods {}/{app}", "pods {env=prod}/{}",
                                      "block 10.0.0.0/8 except 10.1.0.0/16"}));
}

TEST(PolicyCompilerTest, APeerWithNothingSetMatchesNothing) {
  EXPECT_TRUE(
      CompiledIngress(PolicyBuilder("shop", "p").Ingress(RuleBuilder().Peer({}))).rules.empty());
}

TEST(PolicyCompilerTest, PortsOfAProtocolAreJoined) {
  const auto compiled = CompiledIngress(
      PolicyBuilder("shop", "p")
          .Ingress(RuleBuilder().Tcp(81).Tcp(80).Tcp(80).Udp(53).TcpRange({82, 83})));
  EXPECT_EQ(
      compiled.rules[0].services.value(),
      (std::vector<ServiceMatch>{{Protocol::kTcp, {80, 0xfffc}}, {Protocol::kUdp, {53, 0xffff}}}));
}

TEST(PolicyCompilerTest, AProtocolWithoutAPortIsEveryPortOfIt) {
  const auto compiled =
      CompiledIngress(PolicyBuilder("shop", "p").Ingress(RuleBuilder().Every(Protocol::kUdp)));
  EXPECT_EQ(compiled.rules[0].services.value(),
            (std::vector<ServiceMatch>{{Protocol::kUdp, {0, 0}}}));
}

TEST(PolicyCompilerTest, WhatIsNotSupportedIsNamedAndAllowsNothing) {
  const auto compiled =
      CompiledIngress(PolicyBuilder("shop", "p")
                          .Ingress(RuleBuilder().Pods({}).Named("http").Tcp(80))
                          .Ingress(RuleBuilder().Every(Protocol::kSctp))
                          .Ingress(RuleBuilder().Block("fd00::/8"))
                          .Ingress(RuleBuilder().Block("fd00::/8").Block("10.0.0.0/8")));
  ASSERT_EQ(compiled.rules.size(), 2u);
  EXPECT_EQ(compiled.rules[0].index, 0u);
  EXPECT_EQ(compiled.rules[0].services.value().size(), 1u);
  EXPECT_EQ(compiled.rules[1].index, 3u);
  EXPECT_EQ(PeersOf(compiled.rules[1]), (std::vector<std::string>{"block 10.0.0.0/8"}));
  EXPECT_EQ(compiled.refusals,
            (std::vector<Refusal>{
                {"spec.ingress[0].ports[0].port", "named ports are not supported yet"},
                {"spec.ingress[1].ports[0].protocol", "SCTP is not supported yet"},
                {"spec.ingress[2].from[0].ipBlock.cidr", "IPv6 is not supported yet"},
                {"spec.ingress[3].from[0].ipBlock.cidr", "IPv6 is not supported yet"}}));
}

TEST(PolicyCompilerTest, RulesThatSayTheSameHaveOneKey) {
  const SubjectPredicate subject{"shop", {}};
  const auto one = CompiledIngress(
      PolicyBuilder("shop", "p")
          .Ingress(RuleBuilder().Pods({Is("a", "x")}).Pods({Is("b", "y")}).Tcp(80).Tcp(81)));
  const auto other = CompiledIngress(
      PolicyBuilder("shop", "q")
          .Ingress(RuleBuilder().Pods({Is("b", "y")}).Pods({Is("a", "x")}).TcpRange({80, 81})));
  EXPECT_EQ(one.rules[0].Key(subject), other.rules[0].Key(subject));
}

TEST(PolicyCompilerTest, AnyAndNothingAreDifferentKeys) {
  const SubjectPredicate subject{"shop", {}};
  CompiledRule any;
  CompiledRule everything;
  everything.peers = {PodPredicate{store::LabelSelector{}, {}}};
  CompiledRule every_tcp;
  every_tcp.services = {{Protocol::kTcp, {0, 0}}};
  EXPECT_NE(any.Key(subject), everything.Key(subject));
  EXPECT_NE(any.Key(subject), every_tcp.Key(subject));
  EXPECT_NE(any.Key(subject), any.Key({"other", {}}));
}

}  // namespace
}  // namespace sluice::policy
