// What a legal policy means: defaults (netpol 1.2), empty against missing (1.3), normal forms.
#include "tests/unit/decode/decoding.h"

namespace sluice::decode {
namespace {

using store::IpBlock;
using store::LabelSelector;
using store::NetworkPolicy;
using store::Peer;
using store::PolicyPort;
using store::PolicyRule;
using store::Protocol;
using store::SelectorOperator;
using Rules = std::optional<std::vector<PolicyRule>>;
using testing::ElementsAre;

const Rules kNotIsolated = std::nullopt;
const Rules kNothingAllowed = std::vector<PolicyRule>{};
const Rules kEverythingAllowed = std::vector<PolicyRule>{PolicyRule{}};

NetworkPolicy Policy(const std::string& spec) { return Decoded<NetworkPolicy>(PolicyWith(spec)); }

PolicyRule Rule(const std::string& rule) {
  const auto policy = Decoded<NetworkPolicy>(PolicyWithRule(rule));
  return policy.ingress && policy.ingress->size() == 1 ? policy.ingress->front() : PolicyRule{};
}

std::vector<PolicyPort> Ports(const std::string& ports) {
  return Rule("{'ports':" + ports + "}").ports;
}
std::vector<Peer> Peers(const std::string& peers) { return Rule("{'from':" + peers + "}").peers; }

LabelSelector Selector(std::vector<store::Requirement> requirements) {
  return {std::move(requirements)};
}

// Rules 10 and 11.
TEST(NetworkPolicyAcceptTest, PolicyTypesDecideTheDirections) {
  struct Case {
    const char* spec;
    Rules ingress;
    Rules egress;
  };
  const Case cases[] = {
      {"null", kNothingAllowed, kNotIsolated},
      {"{}", kNothingAllowed, kNotIsolated},
      {"{'policyTypes':[]}", kNothingAllowed, kNotIsolated},
      {"{'policyTypes':null}", kNothingAllowed, kNotIsolated},
      {"{'egress':[]}", kNothingAllowed, kNotIsolated},
      {"{'egress':null}", kNothingAllowed, kNotIsolated},
      {"{'egress':[{}]}", kNothingAllowed, kEverythingAllowed},
      {"{'ingress':[{}]}", kEverythingAllowed, kNotIsolated},
      {"{'policyTypes':['Ingress']}", kNothingAllowed, kNotIsolated},
      {"{'policyTypes':['Egress']}", kNotIsolated, kNothingAllowed},
      {"{'policyTypes':['Egress'],'ingress':[{}]}", kNotIsolated, kNothingAllowed},
      {"{'policyTypes':['Ingress'],'egress':[{}]}", kNothingAllowed, kNotIsolated},
      {"{'policyTypes':['Ingress','Ingress']}", kNothingAllowed, kNotIsolated},
      {"{'policyTypes':['Egress','Ingress'],'egress':[{}]}", kNothingAllowed, kEverythingAllowed},
  };
  for (const Case& c : cases) {
    const NetworkPolicy policy = Policy(c.spec);
    EXPECT_EQ(policy.ingress, c.ingress) << c.spec;
    EXPECT_EQ(policy.egress, c.egress) << c.spec;
  }
}

// Rules 13 and 14, and the table of 1.3.
TEST(NetworkPolicyAcceptTest, EmptyAndMissing) {
  EXPECT_EQ(Policy("{}").pod_selector, LabelSelector{});
  EXPECT_EQ(Policy("{'podSelector':{}}").pod_selector, LabelSelector{});
  EXPECT_EQ(Policy("{'podSelector':null}").pod_selector, LabelSelector{});
  EXPECT_EQ(Policy("{'ingress':[]}").ingress, kNothingAllowed);
  EXPECT_EQ(Policy("{'ingress':null}").ingress, kNothingAllowed);
  EXPECT_EQ(Rule("{'from':[],'ports':[]}"), PolicyRule{});
  EXPECT_EQ(Rule("{'from':null,'ports':null}"), PolicyRule{});
}

TEST(NetworkPolicyAcceptTest, AnOmittedNamespaceIsDefault) {
  EXPECT_EQ(Policy("{}").key, (store::ObjectKey{"x", "p"}));
  const auto policy = Decoded<NetworkPolicy>(
      "{'apiVersion':'networking.k8s.io/v1','kind':'NetworkPolicy','metadata':{'name':'p'}}");
  EXPECT_EQ(policy.key, (store::ObjectKey{"default", "p"}));
}

// Rules 12, 29, 31 and 36.
TEST(NetworkPolicyAcceptTest, Ports) {
  EXPECT_THAT(Ports("[{}]"), ElementsAre(PolicyPort{Protocol::kTcp, {}, {}}));
  EXPECT_THAT(Ports("[{'protocol':'SCTP'}]"), ElementsAre(PolicyPort{Protocol::kSctp, {}, {}}));
  EXPECT_THAT(Ports("[{'port':80}]"), ElementsAre(PolicyPort{Protocol::kTcp, uint16_t{80}, {}}));
  EXPECT_THAT(Ports("[{'protocol':'UDP','port':'dns'}]"),
              ElementsAre(PolicyPort{Protocol::kUdp, std::string("dns"), {}}));
  EXPECT_THAT(Ports("[{'port':1,'endPort':65535}]"),
              ElementsAre(PolicyPort{Protocol::kTcp, uint16_t{1}, uint16_t{65535}}));
  EXPECT_THAT(Ports("[{'port':80,'endPort':80}]"),
              ElementsAre(PolicyPort{Protocol::kTcp, uint16_t{80}, uint16_t{80}}));
}

TEST(NetworkPolicyAcceptTest, PortsAreSortedAndUnique) {
  EXPECT_EQ(Ports("[{'port':81},{'port':80},{'port':81,'protocol':'TCP'}]"),
            Ports("[{'port':80},{'port':81}]"));
}

// Rule 17.
TEST(NetworkPolicyAcceptTest, PeersKeepTheDifferenceBetweenAndAndOr) {
  const LabelSelector a = Selector({{"a", SelectorOperator::kIn, {"1"}}});
  const LabelSelector all;

  EXPECT_THAT(Peers("[{'namespaceSelector':{'matchLabels':{'a':'1'}},'podSelector':{}}]"),
              ElementsAre(Peer{{}, a, all}));
  EXPECT_THAT(Peers("[{'namespaceSelector':{'matchLabels':{'a':'1'}}},{'podSelector':{}}]"),
              testing::UnorderedElementsAre(Peer{{}, a, {}}, Peer{{}, {}, all}));
  EXPECT_THAT(Peers("[{'namespaceSelector':{}}]"), ElementsAre(Peer{{}, all, {}}));
}

// Rules 15 and 16.
TEST(NetworkPolicyAcceptTest, SelectorsAreNormalised) {
  const auto policy = Decoded<NetworkPolicy>(PolicyWithSelector(
      "{'matchLabels':{'b':'','a.b/c':'x'},'matchExpressions':["
      "{'key':'z','operator':'NotIn','values':['2','1','2']},"
      "{'key':'b','operator':'In','values':['']},"
      "{'key':'e','operator':'Exists'},{'key':'d','operator':'DoesNotExist','values':[]}]}"));

  LabelSelector expected = Selector({{"a.b/c", SelectorOperator::kIn, {"x"}},
                                     {"b", SelectorOperator::kIn, {""}},
                                     {"d", SelectorOperator::kDoesNotExist, {}},
                                     {"e", SelectorOperator::kExists, {}},
                                     {"z", SelectorOperator::kNotIn, {"1", "2"}}});
  EXPECT_EQ(policy.pod_selector, expected);
}

TEST(NetworkPolicyAcceptTest, IpBlocksAreNormalised) {
  const auto peers = Peers(
      "[{'ipBlock':{'cidr':'10.0.0.0/8',"
      "'except':['10.2.0.0/16','10.1.0.0/16','10.2.0.0/16','10.1.1.0/24']}},"
      "{'ipBlock':{'cidr':'2001:db8::/32'}}]");

  const IpBlock v4{
      *ParseCidr("10.0.0.0/8"),
      {*ParseCidr("10.1.0.0/16"), *ParseCidr("10.1.1.0/24"), *ParseCidr("10.2.0.0/16")}};
  const IpBlock v6{*ParseCidr("2001:db8::/32"), {}};
  EXPECT_THAT(peers, testing::UnorderedElementsAre(Peer{v4, {}, {}}, Peer{v6, {}, {}}));
}

}  // namespace
}  // namespace sluice::decode
