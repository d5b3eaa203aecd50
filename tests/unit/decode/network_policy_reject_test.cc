// What the apiserver rejects on create (netpol rules 37 and 57), each with its field and message.
#include "tests/unit/decode/decoding.h"

namespace sluice::decode {
namespace {

struct Case {
  std::string text;
  std::string refusal;
};

void ExpectRefused(const std::vector<Case>& cases) {
  for (const Case& c : cases) EXPECT_EQ(Refusal(c.text), c.refusal) << c.text;
}

const std::string kLegalValue =
    " is not legal (letters, digits, '-', '_' and '.', starting and ending with a letter or digit)";

TEST(NetworkPolicyRejectTest, WrongTypes) {
  ExpectRefused({
      {PolicyWith("[]"), "spec: an object was expected, a list found"},
      {PolicyWith("{'ingress':{}}"), "spec.ingress: a list was expected, an object found"},
      {PolicyWith("{'ingress':[7]}"),
       "spec.ingress[0]: an object was expected, the number 7 found"},
      {PolicyWith("{'ingress':[null]}"),
       "spec.ingress[0]: the list item is empty; write {} to allow everything"},
      {PolicyWithRule("{'from':{}}"), "spec.ingress[0].from: a list was expected, an object found"},
      {PolicyWithRule("{'from':[null]}"), "spec.ingress[0].from[0]: the list item is empty"},
      {PolicyWithRule("{'ports':[null]}"), "spec.ingress[0].ports[0]: the list item is empty"},
      {PolicyWithRule("{'ports':[80]}"),
       "spec.ingress[0].ports[0]: an object was expected, the number 80 found"},
      {PolicyWith("{'egress':[{'to':['x']}]}"),
       "spec.egress[0].to[0]: an object was expected, the string \"x\" found"},
  });
}

// Each would mean "any" if it were passed over.
TEST(NetworkPolicyRejectTest, MisspeltFields) {
  const std::string selector = "unknown field; there are: matchLabels, matchExpressions";
  ExpectRefused({
      {PolicyWith("{'podselector':{}}"),
       "spec.podselector: unknown field; there are: podSelector, ingress, egress, policyTypes"},
      {PolicyWithRule("{'form':[]}"),
       "spec.ingress[0].form: unknown field; there are: from, ports"},
      {PolicyWith("{'egress':[{'from':[]}]}"),
       "spec.egress[0].from: unknown field; there are: to, ports"},
      {PolicyWithRule("{'from':[{'podSelector':{'matchLabel':{'a':'b'}}}]}"),
       "spec.ingress[0].from[0].podSelector.matchLabel: " + selector},
      {PolicyWithRule("{'from':[{'podSelector':{},'nsSelector':{}}]}"),
       "spec.ingress[0].from[0].nsSelector: unknown field; there are: podSelector, "
       "namespaceSelector, ipBlock"},
      {PolicyWithRule("{'from':[{'ipBlock':{'cidr':'10.0.0.0/8','exept':[]}}]}"),
       "spec.ingress[0].from[0].ipBlock.exept: unknown field; there are: cidr, except"},
      {PolicyWithPort("{'prot':'UDP'}"),
       "spec.ingress[0].ports[0].prot: unknown field; there are: protocol, port, endPort"},
  });
}

TEST(NetworkPolicyRejectTest, PolicyTypes) {
  ExpectRefused({
      {PolicyWith("{'policyTypes':'Ingress'}"),
       "spec.policyTypes: a list was expected, the string \"Ingress\" found"},
      {PolicyWith("{'policyTypes':['ingress']}"),
       "spec.policyTypes[0]: \"ingress\" is not one of Ingress, Egress"},
      {PolicyWith("{'policyTypes':['Ingress','Egress','Ingress']}"),
       "spec.policyTypes: has more than two entries"},
      {PolicyWith("{'policyTypes':[true]}"),
       "spec.policyTypes[0]: a string was expected, the boolean true found; quote it"},
  });
}

TEST(NetworkPolicyRejectTest, Ports) {
  const std::string at = "spec.ingress[0].ports[0].";
  ExpectRefused({
      {PolicyWithPort("{'protocol':'ICMP'}"),
       at + "protocol: \"ICMP\" is not one of TCP, UDP, SCTP"},
      {PolicyWithPort("{'protocol':''}"), at + "protocol: \"\" is not one of TCP, UDP, SCTP"},
      {PolicyWithPort("{'protocol':6}"),
       at + "protocol: a string was expected, the number 6 found; quote it"},
      {PolicyWithPort("{'port':0}"), at + "port: 0 is not in 1..65535"},
      {PolicyWithPort("{'port':-1}"), at + "port: -1 is not in 1..65535"},
      {PolicyWithPort("{'port':70000}"), at + "port: 70000 is not in 1..65535"},
      {PolicyWithPort("{'port':4294967376}"), at + "port: 4294967376 is not in 1..65535"},
      {PolicyWithPort("{'port':80.5}"),
       at + "port: a port number or name was expected, the number 80.5 found"},
      {PolicyWithPort("{'port':true}"),
       at + "port: a port number or name was expected, the boolean true found"},
      {PolicyWithPort("{'port':'80'}"),
       at + "port: port name \"80\" has no letter; leave the quotes out if the number is meant"},
      {PolicyWithPort("{'port':'Http'}"),
       at + "port: port name \"Http\" is not legal (a-z, 0-9 and single '-' between them, at least "
            "one letter)"},
      {PolicyWithPort("{'port':'a-name-too-long-x'}"),
       at + "port: port name \"a-name-too-long-x\" is longer than 15 characters"},
      {PolicyWithPort("{'endPort':90}"), at + "endPort: needs a port beside it"},
      {PolicyWithPort("{'port':'http','endPort':90}"),
       at + "endPort: cannot stand beside the named port \"http\""},
      {PolicyWithPort("{'port':80,'endPort':79}"), at + "endPort: 79 is below port 80"},
      {PolicyWithPort("{'port':80,'endPort':65536}"), at + "endPort: 65536 is not in 1..65535"},
      {PolicyWithPort("{'port':80,'endPort':'90'}"),
       at + "endPort: a whole number was expected, the string \"90\" found"},
  });
}

TEST(NetworkPolicyRejectTest, Peers) {
  const std::string at = "spec.ingress[0].from[0]";
  ExpectRefused({
      {PolicyWithPeer("{}"),
       at + ": a peer needs a podSelector, a namespaceSelector or an ipBlock"},
      {PolicyWithPeer("{'podSelector':null}"),
       at + ": a peer needs a podSelector, a namespaceSelector or an ipBlock"},
      {PolicyWithPeer("{'podSelector':{},'ipBlock':{'cidr':'10.0.0.0/8'}}"),
       at + ": an ipBlock cannot stand beside a podSelector or namespaceSelector"},
      {PolicyWithPeer("{'namespaceSelector':{},'ipBlock':{'cidr':'10.0.0.0/8'}}"),
       at + ": an ipBlock cannot stand beside a podSelector or namespaceSelector"},
      {PolicyWithPeer("{'podSelector':[]}"),
       at + ".podSelector: an object was expected, a list found"},
  });
}

TEST(NetworkPolicyRejectTest, IpBlocks) {
  const auto block = [](const std::string& text) {
    return PolicyWithPeer("{'ipBlock':" + text + "}");
  };
  const std::string at = "spec.ingress[0].from[0].ipBlock.";
  ExpectRefused({
      {block("{}"), at + "cidr: is missing"},
      {block("{'cidr':''}"), at + "cidr: is empty; a CIDR such as 10.0.0.0/8 was expected"},
      {block("{'cidr':'10.0.0.0'}"),
       at + "cidr: \"10.0.0.0\" is not a CIDR such as 10.0.0.0/8 or 2001:db8::/32"},
      {block("{'cidr':'192.168.1.1/24'}"),
       at + "cidr: 192.168.1.1/24 has host bits set; did you mean 192.168.1.0/24?"},
      {block("{'cidr':'10.0.0.0/8','except':['11.0.0.0/16']}"),
       at + "except[0]: 11.0.0.0/16 is not strictly inside 10.0.0.0/8"},
      {block("{'cidr':'10.0.0.0/8','except':['10.1.0.0/16','10.0.0.0/8']}"),
       at + "except[1]: 10.0.0.0/8 is not strictly inside 10.0.0.0/8"},
      {block("{'cidr':'10.0.0.0/8','except':['0.0.0.0/0']}"),
       at + "except[0]: 0.0.0.0/0 is not strictly inside 10.0.0.0/8"},
      {block("{'cidr':'0.0.0.0/0','except':['2001:db8::/32']}"),
       at + "except[0]: 2001:db8::/32 is not strictly inside 0.0.0.0/0"},
      {block("{'cidr':'10.0.0.0/8','except':'10.1.0.0/16'}"),
       at + "except: a list was expected, the string \"10.1.0.0/16\" found"},
      {block("{'cidr':'10.0.0.0/8','except':['10.1.0.1/16']}"),
       at + "except[0]: 10.1.0.1/16 has host bits set; did you mean 10.1.0.0/16?"},
      {block("{'cidr':'10.0.0.0/8','except':[7]}"),
       at + "except[0]: a string was expected, the number 7 found; quote it"},
  });
}

TEST(NetworkPolicyRejectTest, Selectors) {
  const auto with_expression = [](const std::string& expression) {
    return PolicyWithSelector("{'matchExpressions':[" + expression + "]}");
  };
  const std::string at = "spec.podSelector.matchExpressions[0]";
  ExpectRefused({
      {PolicyWithSelector("{'matchLabels':[]}"),
       "spec.podSelector.matchLabels: an object was expected, a list found"},
      {PolicyWithSelector("{'matchLabels':{'n':1}}"),
       "spec.podSelector.matchLabels[n]: a string was expected, the number 1 found; quote it"},
      {PolicyWithSelector("{'matchLabels':{'a':'b c'}}"),
       "spec.podSelector.matchLabels[a]: label value \"b c\"" + kLegalValue},
      {PolicyWithSelector("{'matchLabels':{'/a':'b'}}"),
       "spec.podSelector.matchLabels[/a]: label key \"/a\": its prefix \"\" is not a DNS name "
       "(a-z, "
       "0-9, '-' and '.', each part starting and ending with a letter or digit)"},
      {with_expression("7"), at + ": an object was expected, the number 7 found"},
      {with_expression("{'operator':'Exists'}"), at + ".key: is missing"},
      {with_expression("{'key':'a'}"), at + ".operator: is missing"},
      {with_expression("{'key':'a','operator':'Gt','values':['1']}"),
       at + ".operator: \"Gt\" is not one of In, NotIn, Exists, DoesNotExist"},
      {with_expression("{'key':'a','operator':'In'}"),
       at + ".values: In and NotIn need at least one value"},
      {with_expression("{'key':'a','operator':'NotIn','values':[]}"),
       at + ".values: In and NotIn need at least one value"},
      {with_expression("{'key':'a','operator':'Exists','values':['x']}"),
       at + ".values: Exists and DoesNotExist take no values"},
      {with_expression("{'key':'a','operator':'DoesNotExist','values':['x']}"),
       at + ".values: Exists and DoesNotExist take no values"},
      {with_expression("{'key':'a','operator':'In','values':['x','b c']}"),
       at + ".values[1]: label value \"b c\"" + kLegalValue},
      {with_expression("{'key':'a','operator':'In','values':[1]}"),
       at + ".values[0]: a string was expected, the number 1 found; quote it"},
      {PolicyWithPeer("{'namespaceSelector':{'matchExpressions':[{'key':'a','operator':'in'}]}}"),
       "spec.ingress[0].from[0].namespaceSelector.matchExpressions[0].operator: \"in\" is not one "
       "of In, NotIn, Exists, DoesNotExist"},
  });
}

TEST(NetworkPolicyRejectTest, RulesOfADirectionThatIsNotInForceAreStillChecked) {
  ExpectRefused({{PolicyWith("{'policyTypes':['Ingress'],'egress':[{'ports':[{'port':0}]}]}"),
                  "spec.egress[0].ports[0].port: 0 is not in 1..65535"}});
}

TEST(NetworkPolicyRejectTest, Names) {
  const auto named = [](const std::string& metadata) {
    return "{'apiVersion':'networking.k8s.io/v1','kind':'NetworkPolicy','metadata':" + metadata +
           "}";
  };
  EXPECT_EQ(Refusal(named("{'generateName':'p-'}")),
            "metadata.name: is missing (generateName names nothing here)");
  EXPECT_THAT(Refusal(named("{'name':'P'}")), testing::StartsWith("metadata.name: \"P\""));
  EXPECT_THAT(Refusal(named("{'name':'p','namespace':'a.b'}")),
              testing::StartsWith("metadata.namespace: \"a.b\""));
  EXPECT_EQ(Refusal(named("{'name':'p.q'}")), "accepted");
}

}  // namespace
}  // namespace sluice::decode
