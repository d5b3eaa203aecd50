// Objects the apiserver holds may break today's rules: what cannot be understood allows nothing,
// and never turns "these" into "any" (netpol rules 28, 58 and 61).
#include "tests/unit/decode/decoding.h"

namespace sluice::decode {
namespace {

using store::LabelSelector;
using store::NetworkPolicy;
using store::PolicyRule;
using store::SelectorOperator;
using Rules = std::vector<PolicyRule>;

NetworkPolicy Stored(const std::string& text) {
  return Decoded<NetworkPolicy>(text, Validation::kStored);
}

std::string Peers(const std::string& peers) {
  const NetworkPolicy policy = Stored(PolicyWithRule("{'from':" + peers + "}"));
  if (!policy.ingress) return "not isolated";
  std::string text;
  for (const PolicyRule& rule : *policy.ingress) {
    if (rule.peers.empty()) text += "any ";
    for (const store::Peer& peer : rule.peers) {
      if (peer.ip_block) text += peer.ip_block->ToString() + " ";
      if (peer.pod_selector) text += "pods:" + peer.pod_selector->ToString() + " ";
    }
  }
  return text.empty() ? "nobody" : text.substr(0, text.size() - 1);
}

std::string Blocks(const std::string& block) { return Peers("[{'ipBlock':" + block + "}]"); }

TEST(NetworkPolicyStoredTest, OldSpellingsOfPrefixesAreUnderstood) {
  EXPECT_EQ(Blocks("{'cidr':'192.168.1.1/24'}"), "192.168.1.0/24");
  EXPECT_EQ(Blocks("{'cidr':'010.0.0.0/8'}"), "10.0.0.0/8");
  EXPECT_EQ(Blocks("{'cidr':'::ffff:10.0.0.0/104'}"), "10.0.0.0/8");
  EXPECT_EQ(Blocks("{'cidr':'10.0.0.0/8','except':['::ffff:10.1.0.0/112']}"),
            "10.0.0.0/8 except 10.1.0.0/16");
}

TEST(NetworkPolicyStoredTest, ABlockThatMakesNoSenseMatchesNobody) {
  EXPECT_EQ(Blocks("{'cidr':'ten/8'}"), "nobody");
  EXPECT_EQ(Blocks("{}"), "nobody");
  EXPECT_EQ(Blocks("{'cidr':'::ffff:10.0.0.0/90'}"), "nobody");
  EXPECT_EQ(Blocks("{'cidr':'10.0.0.0/8','except':['ten/8']}"), "nobody");
  EXPECT_EQ(Blocks("{'cidr':'10.0.0.0/8','except':['10.0.0.0/8']}"), "nobody");
  EXPECT_EQ(Blocks("{'cidr':'10.0.0.0/8','except':['0.0.0.0/0']}"), "nobody");
}

TEST(NetworkPolicyStoredTest, AnExceptElsewhereCutsNothingOff) {
  EXPECT_EQ(Blocks("{'cidr':'10.0.0.0/8','except':['11.0.0.0/8','2001:db8::/32']}"), "10.0.0.0/8");
}

TEST(NetworkPolicyStoredTest, ALostPeerLeavesTheOthersAndNeverMakesARuleForAny) {
  EXPECT_EQ(Peers("[{'ipBlock':{'cidr':'ten/8'}},{'ipBlock':{'cidr':'11.0.0.0/8'}}]"),
            "11.0.0.0/8");
  EXPECT_EQ(Peers("[{}]"), "nobody");
  EXPECT_EQ(Peers("[null]"), "nobody");
  EXPECT_EQ(Peers("7"), "nobody");
  EXPECT_EQ(Peers("[{'podSelector':{},'ipBlock':{'cidr':'10.0.0.0/8'}}]"), "nobody");
  EXPECT_EQ(Peers("[]"), "any");
}

TEST(NetworkPolicyStoredTest, ALostPortNeverMakesARuleForAnyPort) {
  const auto rules = [](const std::string& ports) {
    return *Stored(PolicyWithRule("{'ports':" + ports + "}")).ingress;
  };
  EXPECT_EQ(rules("[{'port':0}]"), Rules{});
  EXPECT_EQ(rules("[{'protocol':'ICMP'}]"), Rules{});
  EXPECT_EQ(rules("7"), Rules{});
  ASSERT_EQ(rules("[{'port':0},{'port':80}]").size(), 1U);
  EXPECT_EQ(rules("[{'port':0},{'port':80}]")[0].ports.size(), 1U);
  EXPECT_EQ(rules("[]"), Rules{PolicyRule{}});
}

TEST(NetworkPolicyStoredTest, IllegalLabelValuesMatchNothing) {
  const auto with_expression = [](const std::string& op, const std::string& values) {
    return Stored(PolicyWithSelector("{'matchExpressions':[{'key':'a','operator':'" + op +
                                     "','values':" + values + "}]}"))
        .pod_selector;
  };
  const LabelSelector in = with_expression("In", "['b c']");
  EXPECT_FALSE(in.Matches({{"a", "b c"}}));
  EXPECT_FALSE(in.Matches({}));
  EXPECT_TRUE(with_expression("In", "['b c','d']").Matches({{"a", "d"}}));
  const LabelSelector not_in = with_expression("NotIn", "['b c','d']");
  EXPECT_TRUE(not_in.Matches({{"a", "e"}}));
  EXPECT_FALSE(not_in.Matches({{"a", "d"}}));
  EXPECT_FALSE(Stored(PolicyWithSelector("{'matchLabels':{'a':'b c'}}")).pod_selector.Matches({}));
}

TEST(NetworkPolicyStoredTest, ASelectorThatMakesNoSenseSelectsNoPeer) {
  EXPECT_EQ(Peers("[{'podSelector':{'matchExpressions':[{'key':'a','operator':'Near'}]}}]"),
            "nobody");
  EXPECT_EQ(Peers("[{'podSelector':{'matchExpressions':[{'key':'a','operator':'NotIn'}]}}]"),
            "nobody");
  EXPECT_EQ(Peers("[{'podSelector':7}]"), "nobody");
}

TEST(NetworkPolicyStoredTest, SubjectsThatMakeNoSenseAreTooManyRatherThanTooFew) {
  const NetworkPolicy policy = Stored(PolicyWithSelector(
      "{'matchLabels':{'a':'1'},'matchExpressions':[{'key':'b','operator':'Near'}]}"));

  EXPECT_EQ(policy.pod_selector.ToString(), "a=1");
  EXPECT_EQ(Stored(PolicyWithSelector("7")).pod_selector, LabelSelector{});
}

TEST(NetworkPolicyStoredTest, ASpecThatMakesNoSenseClosesAndNeverOpens) {
  const NetworkPolicy rules = Stored(PolicyWith("{'ingress':7,'egress':[null,7]}"));
  EXPECT_EQ(rules.ingress, Rules{});
  EXPECT_EQ(rules.egress, Rules{});

  const NetworkPolicy types = Stored(PolicyWith("{'policyTypes':7}"));
  EXPECT_EQ(types.ingress, Rules{});
  EXPECT_EQ(types.egress, Rules{});

  const NetworkPolicy more_types = Stored(PolicyWith("{'policyTypes':['Egress','Sideways']}"));
  EXPECT_EQ(more_types.ingress, std::nullopt);
  EXPECT_EQ(more_types.egress, Rules{});
}

}  // namespace
}  // namespace sluice::decode
