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

// No port name stands for any number.
std::vector<uint16_t> NoNumbers(const PortName&) { return {}; }

CompiledDirection CompiledIngress(const store::NetworkPolicy& policy,
                                  const NumbersOf& numbers_of = NoNumbers) {
  return Compile(policy, Direction::kIngress, numbers_of).value();
}

std::vector<std::string> PeersOf(const CompiledRule& rule) {
  std::vector<std::string> peers;
  for (const Predicate& peer : rule.peers.value()) peers.push_back(ToString(peer));
  return peers;
}

TEST(PolicyCompilerTest, ADirectionThatIsNotInTheTypesIsAbsent) {
  const store::NetworkPolicy policy = PolicyBuilder("shop", "p").IsolatesIngress();
  EXPECT_TRUE(Compile(policy, Direction::kIngress, NoNumbers).has_value());
  EXPECT_TRUE(CompiledIngress(policy).rules.empty());
  EXPECT_FALSE(Compile(policy, Direction::kEgress, NoNumbers).has_value());
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
  EXPECT_EQ(compiled.rules[0].services.value(),
            (std::vector<ServiceMatch>{ServiceMatch::LaterFragmentsOf(Protocol::kTcp),
                                       {Protocol::kTcp, {80, 0xfffc}},
                                       ServiceMatch::LaterFragmentsOf(Protocol::kUdp),
                                       {Protocol::kUdp, {53, 0xffff}}}));
}

TEST(PolicyCompilerTest, AProtocolWithoutAPortIsEveryPortOfIt) {
  const auto compiled =
      CompiledIngress(PolicyBuilder("shop", "p").Ingress(RuleBuilder().Every(Protocol::kUdp)));
  EXPECT_EQ(compiled.rules[0].services.value(),
            (std::vector<ServiceMatch>{{Protocol::kUdp, {0, 0}}}));
}

TEST(PolicyCompilerTest, ANamedPortOfIngressIsAskedOfTheSubject) {
  const auto compiled = CompiledIngress(
      PolicyBuilder("shop", "p").Ingress(RuleBuilder().Pods({}).Named("http").Tcp(81)),
      [](const PortName& name) {
        return name == PortName{Protocol::kTcp, "http"} ? std::vector<uint16_t>{80, 8080}
                                                        : std::vector<uint16_t>{};
      });
  EXPECT_EQ(compiled.named_ports, (std::set<PortName>{{Protocol::kTcp, "http"}}));
  std::vector<std::string> keys;
  for (const CompiledRule& rule : compiled.rules) keys.push_back(rule.Words());
  EXPECT_EQ(keys, (std::vector<std::string>{
                      "subject shop/{} with port http = 80/TCP | pods shop/{};  | "
                      "TCP:later fragments TCP:80/65535 ",
                      "subject shop/{} with port http = 8080/TCP | pods shop/{};  | "
                      "TCP:later fragments TCP:8080/65535 ",
                      "subject shop/{} | pods shop/{};  | TCP:later fragments TCP:81/65535 "}));
}

TEST(PolicyCompilerTest, ANamedPortOfEgressIsAskedOfEachPeer) {
  const auto http_is_80 = [](const PortName&) { return std::vector<uint16_t>{80}; };
  const store::NetworkPolicy policy =
      PolicyBuilder("shop", "p")
          .Egress(RuleBuilder().Pods({Is("app", "db")}).Block("10.0.0.0/8").Named("http"))
          .Egress(RuleBuilder().Named("http"));
  const auto compiled = Compile(policy, Direction::kEgress, http_is_80).value();
  ASSERT_EQ(compiled.rules.size(), 2u);
  EXPECT_EQ(ToString(Predicate(compiled.rules[0].subject)), "subject shop/{}");
  EXPECT_EQ(PeersOf(compiled.rules[0]),
            (std::vector<std::string>{"pods shop/{app=db} with port http = 80/TCP",
                                      "pods in block 10.0.0.0/8 with port http = 80/TCP"}));
  EXPECT_EQ(PeersOf(compiled.rules[1]),
            (std::vector<std::string>{"pods */{} with port http = 80/TCP"}));
}

TEST(PolicyCompilerTest, ANameThatStandsForNothingAllowsNothing) {
  const auto compiled =
      CompiledIngress(PolicyBuilder("shop", "p").Ingress(RuleBuilder().Named("http")));
  EXPECT_TRUE(compiled.rules.empty());
  EXPECT_EQ(compiled.named_ports.size(), 1u);
}

TEST(PolicyCompilerTest, RulesThatSayTheSameHaveOneKey) {
  const auto one = CompiledIngress(
      PolicyBuilder("shop", "p")
          .Ingress(RuleBuilder().Pods({Is("a", "x")}).Pods({Is("b", "y")}).Tcp(80).Tcp(81)));
  const auto other = CompiledIngress(
      PolicyBuilder("shop", "q")
          .Ingress(RuleBuilder().Pods({Is("b", "y")}).Pods({Is("a", "x")}).TcpRange({80, 81})));
  EXPECT_EQ(one.rules[0].Words(), other.rules[0].Words());
}

TEST(PolicyCompilerTest, AnyAndNothingAreDifferentKeys) {
  CompiledRule any;
  CompiledRule everything;
  everything.peers = {PodPredicate{store::LabelSelector{}, {}, {}}};
  CompiledRule every_tcp;
  every_tcp.services = {{Protocol::kTcp, {0, 0}}};
  CompiledRule of_others;
  of_others.subject.ns = "other";
  EXPECT_NE(any.Words(), everything.Words());
  EXPECT_NE(any.Words(), every_tcp.Words());
  EXPECT_NE(any.Words(), of_others.Words());
}

}  // namespace
}  // namespace sluice::policy
