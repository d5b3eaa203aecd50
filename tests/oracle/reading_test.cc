// Manifests as netpol.md reads them: defaults, empty against missing, and what old objects hold.
#include "tests/oracle/reading.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/fakes/builders.h"
#include "tests/oracle/peers.h"

namespace sluice::oracle {
namespace {

using store::NetworkPolicy;
using store::PolicyRule;
using Rules = std::vector<PolicyRule>;

boost::json::object Json(std::string text) {
  for (char& c : text) {
    if (c == '\'') c = '"';
  }
  return boost::json::parse(text).as_object();
}

NetworkPolicy Policy(const std::string& spec) {
  return ReadNetworkPolicy(Json("{'metadata':{'namespace':'a','name':'np'},'spec':" + spec + "}"));
}

store::Peer FirstPeer(const std::string& peer) {
  return Policy("{'ingress':[{'from':[" + peer + "]}]}").ingress->at(0).peers.at(0);
}

store::PolicyPort FirstPort(const std::string& port) {
  return Policy("{'ingress':[{'ports':[" + port + "]}]}").ingress->at(0).ports.at(0);
}

bool BlockHas(const std::string& block, std::string_view address) {
  const store::Peer peer = FirstPeer("{'ipBlock':" + block + "}");
  return peer.ip_block && InBlock(*peer.ip_block, fakes::Ip(address));
}

bool IsNoPort(const store::PolicyPort& port) { return port.end && *port.end == 0; }

// 10. "policyTypes empty or missing -> [Ingress]; plus Egress iff len(spec.egress) != 0"
TEST(ReadingTest, Rule10PolicyTypesDefault) {
  for (const std::string types : {"", "'policyTypes':[],", "'policyTypes':null,"}) {
    EXPECT_TRUE(Policy("{" + types + "'podSelector':{}}").ingress);
    EXPECT_FALSE(Policy("{" + types + "'podSelector':{}}").egress);
    EXPECT_FALSE(Policy("{" + types + "'egress':[]}").egress);
    EXPECT_TRUE(Policy("{" + types + "'egress':[{}]}").egress);
    EXPECT_TRUE(Policy("{" + types + "'egress':[{}]}").ingress);
  }
}

// 11. "policyTypes present -> taken literally"; 58. "[Ingress, Ingress]"
TEST(ReadingTest, Rule11PolicyTypesAreTakenLiterally) {
  const NetworkPolicy egress = Policy("{'policyTypes':['Egress'],'ingress':[{}]}");
  EXPECT_FALSE(egress.ingress);
  EXPECT_EQ(egress.egress, Rules{});
  const NetworkPolicy ingress = Policy("{'policyTypes':['Ingress','Ingress'],'egress':[{}]}");
  EXPECT_EQ(ingress.ingress, Rules{});
  EXPECT_FALSE(ingress.egress);
}

// 12. "ports[].protocol missing -> TCP"; 1.3: `{protocol: X}` is all ports of X
TEST(ReadingTest, Rule12ProtocolDefaultsToTcp) {
  EXPECT_EQ(FirstPort("{}"), (store::PolicyPort{store::Protocol::kTcp, {}, {}}));
  EXPECT_EQ(FirstPort("{'protocol':'UDP'}"), (store::PolicyPort{store::Protocol::kUdp, {}, {}}));
}

// 13. "spec.podSelector missing = empty"; 14. "must not tell `ingress: []` from a missing one"
TEST(ReadingTest, Rule13And14MissingAndEmpty) {
  EXPECT_EQ(Policy("{}"), Policy("{'podSelector':{},'ingress':[]}"));
  EXPECT_EQ(Policy("{'ingress':[{}]}").ingress, Rules{PolicyRule{}});
  EXPECT_EQ(Policy("{'ingress':[{'from':[],'ports':[]}]}").ingress, Rules{PolicyRule{}});
}

// 18. "the immutable kubernetes.io/metadata.name=<name>"
TEST(ReadingTest, Rule18NamespacesCarryTheirName) {
  const store::Namespace ns = ReadNamespace(
      Json("{'metadata':{'name':'a','labels':{'kubernetes.io/metadata.name':'b','k':'v'}}}"));
  EXPECT_EQ(ns.labels, (store::Labels{{"k", "v"}, {"kubernetes.io/metadata.name", "a"}}));
}

// 28. "mean the network", "mean decimal", "on a truly unparsable cidr must match nothing"
TEST(ReadingTest, Rule28OddPrefixes) {
  EXPECT_TRUE(BlockHas("{'cidr':'192.168.1.1/24'}", "192.168.1.9"));
  EXPECT_TRUE(BlockHas("{'cidr':'010.0.0.0/8'}", "10.1.1.1"));
  EXPECT_FALSE(BlockHas("{'cidr':'010.0.0.0/8'}", "8.1.1.1"));
  EXPECT_TRUE(BlockHas("{'cidr':'10.0.0.1/0'}", "192.0.2.1"));
  EXPECT_TRUE(BlockHas("{'cidr':'::ffff:10.0.0.0/104'}", "10.1.1.1"));
  EXPECT_FALSE(BlockHas("{'cidr':'::ffff:10.0.0.0/90'}", "10.1.1.1"));
  for (const std::string bad : {"ten/8", "10.0.0.0", "10.0.0.0/33", "10.0.0/8", "", "::/129"}) {
    EXPECT_FALSE(BlockHas("{'cidr':'" + bad + "'}", "10.0.0.1")) << bad;
  }
  EXPECT_FALSE(BlockHas("{'cidr':'10.0.0.0/8','except':['ten/9']}", "10.0.0.1"));
}

// 21 and 58: "overlapping excepts; except chains nested in each other"; 57: not a strict subset
TEST(ReadingTest, Rule21OddExcepts) {
  EXPECT_FALSE(BlockHas("{'cidr':'10.0.0.0/8','except':['10.0.0.0/8']}", "10.0.0.1"));
  EXPECT_TRUE(BlockHas("{'cidr':'10.0.0.0/8','except':['11.0.0.0/8','::/0']}", "10.0.0.1"));
  EXPECT_FALSE(
      BlockHas("{'cidr':'10.0.0.0/8','except':['10.0.0.0/30','10.0.0.0/31']}", "10.0.0.3"));
}

// 23. "ipBlock excludes podSelector and namespaceSelector in the same peer"; 57. unknown operator
TEST(ReadingTest, Rule57PeersThatMakeNoSenseAreNobody) {
  EXPECT_EQ(FirstPeer("{'podSelector':{},'ipBlock':{'cidr':'10.0.0.0/8'}}"), store::Peer{});
  for (const std::string expression :
       {"{'key':'a','operator':'Near'}", "{'key':'a','operator':'In'}",
        "{'key':'a','operator':'NotIn','values':[]}",
        "{'key':'a','operator':'Exists','values':['b']}"}) {
    const std::string selector = "{'matchExpressions':[" + expression + "]}";
    EXPECT_EQ(FirstPeer("{'podSelector':" + selector + "}"), store::Peer{}) << expression;
    EXPECT_EQ(FirstPeer("{'namespaceSelector':" + selector + "}"), store::Peer{}) << expression;
    // 61. "must fail closed for its own subjects"
    EXPECT_EQ(Policy("{'podSelector':" + selector + "}").pod_selector, store::LabelSelector{});
  }
}

// 36, 37, 57: ports that were never legal
TEST(ReadingTest, Rule57PortsThatMakeNoSenseAreNone) {
  for (const std::string port :
       {"{'protocol':'ICMP'}", "{'port':0}", "{'port':65536}", "{'endPort':80}", "{'port':'80'}",
        "{'port':'http','endPort':80}", "{'port':80,'endPort':79}", "{'port':80,'endPort':65536}",
        "{'port':'Http'}", "{'port':'sixteen-letters-'}"}) {
    EXPECT_TRUE(IsNoPort(FirstPort(port))) << port;
  }
  EXPECT_EQ(FirstPort("{'port':80,'endPort':80}").end, 80);
  EXPECT_EQ(FirstPort("{'port':'h-1'}").port,
            (decltype(store::PolicyPort::port){std::string("h-1")}));
}

// 34. "Restartable init containers (sidecars) declare ports too"; 54. all of status.podIPs
TEST(ReadingTest, Rule34And54Pods) {
  const store::Pod pod =
      ReadPod(Json("{'metadata':{'namespace':'a','name':'p','uid':'u','labels':{'k':'v'}},"
                   "'spec':{'containers':[{'ports':[{'containerPort':80,'name':'http'}]}],"
                   "'initContainers':[{'ports':[{'containerPort':81}]},"
                   "{'restartPolicy':'Always','ports':[{'containerPort':82,'protocol':'SCTP'}]}]},"
                   "'status':{'phase':'Failed','podIPs':[{'ip':'10.0.0.1'},{'ip':'fd00::1'}]}}"));
  EXPECT_EQ(pod.key, (store::ObjectKey{"a", "p"}));
  EXPECT_EQ(pod.ports, (std::vector<store::ContainerPort>{{"http", store::Protocol::kTcp, 80},
                                                          {"", store::Protocol::kSctp, 82}}));
  EXPECT_EQ(pod.phase, store::PodPhase::kFailed);
  EXPECT_EQ(pod.ips, (std::vector{fakes::Ip("10.0.0.1"), fakes::Ip("fd00::1")}));
  EXPECT_EQ(pod.host_network, store::HostNetwork::kNo);
}

}  // namespace
}  // namespace sluice::oracle
