// The oracle says what netpol.md says. Each test quotes the rule it is about.
#include "tests/oracle/oracle.h"

#include <gtest/gtest.h>

#include "tests/fakes/builders.h"

namespace sluice::oracle {
namespace {

using fakes::Absent;
using fakes::Exists;
using fakes::In;
using fakes::Is;
using fakes::NotIn;
using fakes::PodBuilder;
using fakes::PolicyBuilder;
using fakes::RuleBuilder;

constexpr uint8_t kTcp = 6;
constexpr uint8_t kUdp = 17;
constexpr uint8_t kSctp = 132;
constexpr uint8_t kIcmp = 1;

class OracleTest : public testing::Test {
 protected:
  // a/web 10.0.0.1 and a/db 10.0.0.2 are here, b/far 10.0.0.3 is elsewhere.
  OracleTest() {
    PutNamespace("a");
    PutNamespace("b", {{"team", "b"}});
    PutHere(PodBuilder("a", "web").Labels({{"app", "web"}}).Ip("10.0.0.1").Ip("fd00::1"));
    PutHere(PodBuilder("a", "db").Labels({{"app", "db"}}).Ip("10.0.0.2").Ip("fd00::2"));
    Put(PodBuilder("b", "far").Labels({{"app", "web"}}).Ip("10.0.0.3").Ip("fd00::3"));
  }

  void PutNamespace(const std::string& name, const store::Labels& labels = {}) {
    cluster_.namespaces[name] = std::get<store::Namespace>(fakes::NamespaceOf(name, labels));
  }
  void Put(const store::Pod& pod) { cluster_.pods[pod.key] = pod; }
  void Put(const store::NetworkPolicy& policy) { cluster_.policies[policy.key] = policy; }
  void PutHere(const store::Pod& pod) {
    Put(pod);
    const store::Endpoint endpoint = fakes::EndpointOf(pod, OfPort{10});
    cluster_.endpoints[endpoint.id] = endpoint;
  }
  store::Pod& Pod(const std::string& ns, const std::string& name) {
    return cluster_.pods.at({ns, name});
  }

  Verdict Judge(const Connection& connection) const { return Oracle(cluster_).Judge(connection); }
  bool Allows(std::string_view from, std::string_view to, uint8_t protocol = kTcp,
              uint16_t port = 80) const {
    return Judge({fakes::Ip(from), fakes::Ip(to), protocol, port}).allowed();
  }

  Cluster cluster_;
};

constexpr char kWeb[] = "10.0.0.1";
constexpr char kDb[] = "10.0.0.2";
constexpr char kFar[] = "10.0.0.3";
constexpr char kOutside[] = "192.0.2.1";

PolicyBuilder DbPolicy(const std::string& name = "db") {
  return PolicyBuilder("a", name).Selects({Is("app", "db")});
}

// 1. "non-isolated for a direction until some policy in its own namespace selects it"
TEST_F(OracleTest, Rule01APodIsOpenUntilAPolicyOfItsNamespaceSelectsIt) {
  EXPECT_TRUE(Allows(kFar, kDb));
  Put(PolicyBuilder("b", "other-namespace").IsolatesIngress());
  EXPECT_TRUE(Allows(kFar, kDb));
  Put(PolicyBuilder("a", "other-labels").Selects({Is("app", "x")}).IsolatesIngress());
  EXPECT_TRUE(Allows(kFar, kDb));
  Put(DbPolicy().IsolatesIngress());
  EXPECT_FALSE(Allows(kFar, kDb));
}

// 2. "Isolation is per direction."
TEST_F(OracleTest, Rule02EgressOnlyDoesNotIsolateIngress) {
  Put(DbPolicy().IsolatesEgress());
  const Verdict verdict = Judge({fakes::Ip(kDb), fakes::Ip(kWeb), kTcp, 80});
  EXPECT_EQ(verdict.egress, (Side{true, false}));
  EXPECT_EQ(verdict.ingress, (Side{false, true}));
  EXPECT_TRUE(Allows(kWeb, kDb));
}

// 3. "the allowed set is the union over all rules of all policies that apply"
TEST_F(OracleTest, Rule03PoliciesAddUp) {
  Put(DbPolicy("deny").IsolatesIngress());
  Put(DbPolicy("one").Ingress(RuleBuilder().Tcp(80)));
  Put(DbPolicy("two").Ingress(RuleBuilder().Tcp(81)).Ingress(RuleBuilder().Tcp(82)));
  EXPECT_TRUE(Allows(kFar, kDb, kTcp, 80));
  EXPECT_TRUE(Allows(kFar, kDb, kTcp, 81));
  EXPECT_TRUE(Allows(kFar, kDb, kTcp, 82));
  EXPECT_FALSE(Allows(kFar, kDb, kTcp, 83));
}

// 4. "only if both the source's egress side and the destination's ingress side allow it"
TEST_F(OracleTest, Rule04BothSidesMustAllow) {
  Put(DbPolicy().Ingress(RuleBuilder()));
  EXPECT_TRUE(Allows(kWeb, kDb));
  Put(PolicyBuilder("a", "web").Selects({Is("app", "web")}).IsolatesEgress());
  EXPECT_FALSE(Allows(kWeb, kDb));
}

// 5. "{p1,80},{p2,81} must not allow p1:81"
TEST_F(OracleTest, Rule05RulesAreNoCrossProduct) {
  Put(DbPolicy()
          .Ingress(RuleBuilder().Block("10.0.0.1/32").Tcp(80))
          .Ingress(RuleBuilder().Block("10.0.0.3/32").Tcp(81)));
  EXPECT_TRUE(Allows(kWeb, kDb, kTcp, 80));
  EXPECT_FALSE(Allows(kWeb, kDb, kTcp, 81));
}

// 7. "A rule whose peers match nothing allows nothing, but the policy still isolates"
TEST_F(OracleTest, Rule07PeersThatMatchNobodyStillIsolate) {
  Put(DbPolicy().Ingress(RuleBuilder().Pods({Is("app", "nobody")})));
  EXPECT_EQ(Judge({fakes::Ip(kWeb), fakes::Ip(kDb), kTcp, 80}).ingress, (Side{true, false}));
}

// 9. "For an external endpoint only the pod's side is evaluated"
TEST_F(OracleTest, Rule09OutsideHasNoSide) {
  Put(PolicyBuilder("a", "all").IsolatesIngress().IsolatesEgress());
  EXPECT_TRUE(Allows(kOutside, "192.0.2.2"));
  EXPECT_FALSE(Allows(kOutside, kDb));
  EXPECT_FALSE(Allows(kDb, kOutside));
}

// 1.3: "rule `- {}` allows everything: any peer, any port, any protocol"
TEST_F(OracleTest, Section13AnEmptyRuleAllowsEverything) {
  Put(DbPolicy().Ingress(RuleBuilder()));
  EXPECT_TRUE(Allows(kOutside, kDb, kSctp, 9));
  EXPECT_TRUE(Allows("fd00::9", "fd00::2", kIcmp, 0));
}

// 1.3: "peer {} (nothing set): must match nothing"
TEST_F(OracleTest, Section13AnEmptyPeerMatchesNobody) {
  Put(DbPolicy().Ingress(RuleBuilder().Peer({})));
  EXPECT_FALSE(Allows(kWeb, kDb));
}

// 1.3: namespaceSelector {}: "all namespaces, pods only, never external addresses or nodes"
TEST_F(OracleTest, Section13AllNamespacesMeansPodsOnly) {
  Put(DbPolicy().Ingress(RuleBuilder().Namespaces({})));
  EXPECT_TRUE(Allows(kFar, kDb));
  EXPECT_FALSE(Allows(kOutside, kDb));
}

// 15. "A matchLabels entry needs the key present, also when the value is empty"; "ANDed"
TEST_F(OracleTest, Rule15RequirementsAreAndedAndNeedTheKey) {
  Put(DbPolicy().Ingress(RuleBuilder().Pods({Is("tier", "")})));
  EXPECT_FALSE(Allows(kWeb, kDb));
  Pod("a", "web").labels["tier"] = "";
  EXPECT_TRUE(Allows(kWeb, kDb));
  Put(DbPolicy().Ingress(RuleBuilder().Pods({Is("tier", ""), Is("app", "x")})));
  EXPECT_FALSE(Allows(kWeb, kDb));
}

// 16. "NotIn: key absent OR value not in the set. Exists, DoesNotExist: as they say"
TEST_F(OracleTest, Rule16Operators) {
  const auto allows_web = [&](const store::Requirement& requirement) {
    Put(DbPolicy().Ingress(RuleBuilder().Pods({requirement})));
    return Allows(kWeb, kDb);
  };
  EXPECT_TRUE(allows_web(In("app", {"db", "web"})));
  EXPECT_FALSE(allows_web(In("app", {"db"})));
  EXPECT_FALSE(allows_web(In("app", {"WEB"})));
  EXPECT_FALSE(allows_web(In("tier", {"web"})));
  EXPECT_TRUE(allows_web(NotIn("app", {"db"})));
  EXPECT_FALSE(allows_web(NotIn("app", {"db", "web"})));
  EXPECT_TRUE(allows_web(NotIn("tier", {"web"})));
  EXPECT_TRUE(allows_web(Exists("app")));
  EXPECT_FALSE(allows_web(Exists("tier")));
  EXPECT_FALSE(allows_web(Absent("app")));
  EXPECT_TRUE(allows_web(Absent("tier")));
}

// 17. "in one peer = pods matching in namespaces matching; in two peers = OR, and the podSelector
// one means the policy's own namespace"
TEST_F(OracleTest, Rule17OnePeerOrTwo) {
  Put(DbPolicy().Ingress(RuleBuilder().PodsIn({Is("team", "b")}, {Is("app", "web")})));
  EXPECT_TRUE(Allows(kFar, kDb));
  EXPECT_FALSE(Allows(kWeb, kDb));
  Put(DbPolicy().Ingress(RuleBuilder().Namespaces({Is("team", "c")}).Pods({Is("app", "web")})));
  EXPECT_FALSE(Allows(kFar, kDb));
  EXPECT_TRUE(Allows(kWeb, kDb));
}

// 21, 22. "except is not a deny"; "each except list belongs to its own cidr"
TEST_F(OracleTest, Rule21ExceptIsNoDeny) {
  Put(DbPolicy().Ingress(RuleBuilder().Block("10.0.0.0/24", {"10.0.0.0/30"})));
  EXPECT_FALSE(Allows(kWeb, kDb));
  EXPECT_TRUE(Allows("10.0.0.4", kDb));
  Put(DbPolicy().Ingress(RuleBuilder().Block("10.0.0.0/24", {"10.0.0.0/30"}).Block("10.0.0.1/32")));
  EXPECT_TRUE(Allows(kWeb, kDb));
  EXPECT_FALSE(Allows(kFar, kDb));
}

// 24. "a conforming engine matches by address, whoever owns it"
TEST_F(OracleTest, Rule24ABlockMatchesPods) {
  Put(DbPolicy().Ingress(RuleBuilder().Block("10.0.0.3/32")));
  EXPECT_TRUE(Allows(kFar, kDb));
}

// 27. "0.0.0.0/0 leaves IPv6 denied"
TEST_F(OracleTest, Rule27FamiliesAreApart) {
  Put(DbPolicy().Ingress(RuleBuilder().Block("0.0.0.0/0")));
  EXPECT_TRUE(Allows(kOutside, kDb));
  EXPECT_FALSE(Allows("fd00::3", "fd00::2"));
  Put(DbPolicy().Ingress(RuleBuilder().Block("::/0")));
  EXPECT_FALSE(Allows(kOutside, kDb));
  EXPECT_TRUE(Allows("fd00::3", "fd00::2"));
}

// 29, 38. "must not turn SCTP into TCP"; 1.3: "port missing = all ports of X"
TEST_F(OracleTest, Rule29ProtocolsAreApart) {
  Put(DbPolicy().Ingress(RuleBuilder().Every(store::Protocol::kSctp)));
  EXPECT_TRUE(Allows(kWeb, kDb, kSctp, 1));
  EXPECT_FALSE(Allows(kWeb, kDb, kTcp, 1));
  EXPECT_FALSE(Allows(kWeb, kDb, kUdp, 1));
  EXPECT_FALSE(Allows(kWeb, kDb, kIcmp, 0));
}

// 31, 35. "name AND protocol must match; the number can differ from pod to pod"
// 32. "Ingress: resolved on the selected (subject) pods."
TEST_F(OracleTest, Rule31And32IngressNamesAreTheSubjects) {
  Pod("a", "web").ports = {{"http", store::Protocol::kTcp, 8080}};
  Pod("a", "db").ports = {{"http", store::Protocol::kTcp, 80},
                          {"http", store::Protocol::kUdp, 81},
                          {"", store::Protocol::kTcp, 82}};
  Put(PolicyBuilder("a", "all").Ingress(RuleBuilder().Named("http")));
  EXPECT_TRUE(Allows(kWeb, kDb, kTcp, 80));
  EXPECT_FALSE(Allows(kWeb, kDb, kTcp, 8080));
  EXPECT_FALSE(Allows(kWeb, kDb, kTcp, 81));
  EXPECT_FALSE(Allows(kWeb, kDb, kTcp, 82));
  EXPECT_FALSE(Allows(kWeb, kDb, kUdp, 81));
  EXPECT_TRUE(Allows(kDb, kWeb, kTcp, 8080));
}

// 32. "Egress: resolved on each peer pod"; "With an empty `to`, any pod in any namespace that
// defines the name"; "an egress named port to an ipBlock can only ever match pods"
TEST_F(OracleTest, Rule32EgressNamesAreThePeers) {
  Pod("b", "far").ports = {{"http", store::Protocol::kTcp, 8080}};
  Put(DbPolicy().Egress(RuleBuilder().Named("http")));
  EXPECT_TRUE(Allows(kDb, kFar, kTcp, 8080));
  EXPECT_FALSE(Allows(kDb, kWeb, kTcp, 8080));
  EXPECT_FALSE(Allows(kDb, kOutside, kTcp, 8080));
  Put(DbPolicy().Egress(RuleBuilder().Block("0.0.0.0/0").Named("http")));
  EXPECT_TRUE(Allows(kDb, kFar, kTcp, 8080));
  EXPECT_FALSE(Allows(kDb, kOutside, kTcp, 8080));
  EXPECT_FALSE(Allows("fd00::2", "fd00::3", kTcp, 8080));
  Put(DbPolicy().Egress(RuleBuilder().Pods({}).Named("http")));
  EXPECT_FALSE(Allows(kDb, kFar, kTcp, 8080));
}

// Two pods with one address: peer by the one and port by the other is nobody.
TEST_F(OracleTest, Rule32PeerAndNameAreOfOnePod) {
  Put(PodBuilder("b", "twin").Labels({{"app", "twin"}}).Ip(kFar));
  Pod("b", "twin").ports = {{"http", store::Protocol::kTcp, 8080}};
  Put(DbPolicy().Egress(RuleBuilder().PodsIn({}, {Is("app", "web")}).Named("http")));
  EXPECT_FALSE(Allows(kDb, kFar, kTcp, 8080));
  Put(DbPolicy().Egress(RuleBuilder().PodsIn({}, {Is("app", "twin")}).Named("http")));
  EXPECT_TRUE(Allows(kDb, kFar, kTcp, 8080));
}

// 36. "inclusive range port..endPort"
TEST_F(OracleTest, Rule36EndPortIsInclusive) {
  Put(DbPolicy().Ingress(RuleBuilder().TcpRange({80, 90})));
  EXPECT_FALSE(Allows(kWeb, kDb, kTcp, 79));
  EXPECT_TRUE(Allows(kWeb, kDb, kTcp, 80));
  EXPECT_TRUE(Allows(kWeb, kDb, kTcp, 90));
  EXPECT_FALSE(Allows(kWeb, kDb, kTcp, 91));
}

// 39. "ingress to a pod from its own node is always allowed"; 40. "locally originated there"
TEST_F(OracleTest, Rule39TheNodeMayAlways) {
  Put(PolicyBuilder("a", "deny").IsolatesIngress());
  Connection probe{fakes::Ip("10.0.0.254"), fakes::Ip(kDb), kTcp, 80, Opener::kThisNode};
  EXPECT_TRUE(Judge(probe).allowed());
  probe.opener = Opener::kAddress;
  EXPECT_FALSE(Judge(probe).allowed());
}

// 45. "ignore them both as subject and as peers"; "an ipBlock of node addresses matches them"
TEST_F(OracleTest, Rule45HostNetworkPodsAreNobody) {
  Pod("b", "far").host_network = store::HostNetwork::kYes;
  Pod("a", "web").host_network = store::HostNetwork::kYes;
  Put(DbPolicy().Ingress(RuleBuilder().PodsIn({}, {})));
  Put(PolicyBuilder("a", "web").Selects({Is("app", "web")}).IsolatesEgress());
  EXPECT_FALSE(Allows(kFar, kDb));
  EXPECT_TRUE(Allows(kWeb, kOutside));
  Put(DbPolicy().Ingress(RuleBuilder().Block("10.0.0.3/32")));
  EXPECT_TRUE(Allows(kFar, kDb));
}

// 51. "a pod in phase Succeeded/Failed ... must leave every set at once"
TEST_F(OracleTest, Rule51FinishedPodsAreNobody) {
  Put(DbPolicy().Ingress(RuleBuilder().Namespaces({})));
  EXPECT_TRUE(Allows(kFar, kDb));
  Pod("b", "far").phase = store::PodPhase::kSucceeded;
  EXPECT_FALSE(Allows(kFar, kDb));
  Pod("b", "far").phase = store::PodPhase::kFailed;
  EXPECT_FALSE(Allows(kFar, kDb));
  Pod("b", "far").phase = store::PodPhase::kUnknown;
  EXPECT_TRUE(Allows(kFar, kDb));
}

// 53. "owners counted"; node_view.h: of several owners the ones of this node are right
TEST_F(OracleTest, Rule53AddressesHaveOwners) {
  Put(PodBuilder("b", "stale").Labels({{"old", "1"}}).Ip(kWeb));
  Put(PodBuilder("b", "twin").Labels({{"old", "2"}}).Ip(kFar));
  Put(DbPolicy().Ingress(RuleBuilder().PodsIn({}, {Exists("old")})));
  EXPECT_FALSE(Allows(kWeb, kDb)) << "a/web is here and has it";
  EXPECT_TRUE(Allows(kFar, kDb)) << "one of its two owners may";
}

// 54. "all of status.podIPs"
TEST_F(OracleTest, Rule54EveryAddressOfAPod) {
  Put(DbPolicy().Ingress(RuleBuilder().PodsIn({}, {Is("app", "web")})));
  EXPECT_TRUE(Allows("fd00::3", "fd00::2"));
  EXPECT_TRUE(Allows(kFar, kDb));
  EXPECT_FALSE(Allows("fd00::4", "fd00::2"));
}

// 56. "A namespace may be seen after its pods"
TEST_F(OracleTest, Rule56AnUnknownNamespaceMatchesNoSelector) {
  cluster_.namespaces.erase("b");
  Put(DbPolicy().Ingress(RuleBuilder().Namespaces({Absent("team")})));
  EXPECT_TRUE(Allows(kWeb, kDb));
  EXPECT_FALSE(Allows(kFar, kDb));
  PutNamespace("b");
  EXPECT_TRUE(Allows(kFar, kDb));
}

// node_view.h: subjects are the pods of this node, with the addresses given out here.
TEST_F(OracleTest, NodeViewJudgesPodsOfThisNodeOnly) {
  Put(PolicyBuilder("b", "deny").IsolatesIngress().IsolatesEgress());
  EXPECT_TRUE(Allows(kWeb, kFar));
  Put(PolicyBuilder("a", "deny").IsolatesIngress());
  Pod("a", "db").ips = {fakes::Ip("10.0.0.9")};
  EXPECT_FALSE(Allows(kFar, kDb));
  EXPECT_TRUE(Allows(kFar, "10.0.0.9"));
}

TEST_F(OracleTest, NodeViewKeepsAnEndpointOfAnEarlierPodClosed) {
  Put(PolicyBuilder("a", "deny").IsolatesIngress());
  cluster_.endpoints.at({"a-db", "eth0"}).pod_uid = "old";
  EXPECT_FALSE(Allows(kFar, kDb));
  Pod("a", "db").uid = "new";
  EXPECT_TRUE(Allows(kFar, kDb)) << "no pod of this node any more";
  EXPECT_TRUE(Oracle(cluster_).view().OpenEndpointsAt(fakes::Ip(kDb)).empty());
}

}  // namespace
}  // namespace sluice::oracle
