// Selectors: whom a peer means.
#include "tests/hardcases/hard_case.h"

namespace sluice::hardcases {
namespace {

using store::ObjectKind;

class Peers : public HardCase {
 protected:
  // x/a is open to these peers only.
  void Admit(const std::string& peers) {
    Given(
        Policy("x/p", "{podSelector: {matchLabels: {pod: a}}, ingress: [{from: " + peers + "}]}"));
  }
  void AdmitStored(const std::string& peers) {
    Stored(
        Policy("x/p", "{podSelector: {matchLabels: {pod: a}}, ingress: [{from: " + peers + "}]}"));
  }
  void Label(const std::string& pod, const std::string& labels) {
    Given(Pod({.key = pod, .labels = labels}));
  }
};

TEST_F(Peers, HardCase10EveryNamespaceMeansPodsAndNoOtherAddress) {
  Admit("[{namespaceSelector: {}}]");
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/80"));
  EXPECT_TRUE(Allowed("z/a -> x/a TCP/80"));
  EXPECT_TRUE(Allowed("w/far -> x/a TCP/80")) << "wherever they run";
  EXPECT_TRUE(Denied("192.0.2.1 -> x/a TCP/80"));
  EXPECT_TRUE(Denied("10.0.1.99 -> x/a TCP/80")) << "an address that no pod has";
}

TEST_F(Peers, HardCase10EveryAddressOfAPodIsThePods) {
  Given(Pod({.key = "x/six", .labels = "{pod: a}"}));
  Attach("x/six", {"10.0.1.6", "fd00::6"});
  Given(Pod({.key = "z/six"}));
  Attach("z/six", {"10.0.3.6", "fd00::36"});
  Given(Pod({.key = "w/six",
             .spec = ", nodeName: elsewhere",
             .status = "{phase: Running, podIPs: [{ip: 10.0.9.6}, {ip: 'fd00::96'}]}"}));
  Admit("[{namespaceSelector: {matchLabels: {ns: w}}}]");
  EXPECT_TRUE(Allowed("fd00::96 -> fd00::6 TCP/80"));
  EXPECT_TRUE(Allowed("10.0.9.6 -> 10.0.1.6 TCP/80"));
  EXPECT_TRUE(Denied("fd00::36 -> fd00::6 TCP/80"));
  EXPECT_TRUE(Denied("10.0.3.6 -> 10.0.1.6 TCP/80"));
  EXPECT_TRUE(Denied("2001:db8::1 -> fd00::6 TCP/80"));
  EXPECT_TRUE(Allowed("fd00::6 -> 2001:db8::1 TCP/80"));
}

TEST_F(Peers, HardCase11APodSelectorAloneStaysInThePolicysNamespace) {
  Admit("[{podSelector: {matchLabels: {pod: b}}}]");
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/80"));
  EXPECT_TRUE(Denied("w/b -> x/a TCP/80"));
  Admit("[{podSelector: {}}]");
  EXPECT_TRUE(Allowed("x/c -> x/a TCP/80"));
  EXPECT_TRUE(Denied("w/b -> x/a TCP/80"));
}

TEST_F(Peers, HardCase12TwoSelectorsInOnePeerAreAnd) {
  Admit("[{namespaceSelector: {matchLabels: {ns: w}}, podSelector: {matchLabels: {pod: b}}}]");
  EXPECT_TRUE(Allowed("w/b -> x/a TCP/80"));
  EXPECT_TRUE(Denied("w/a -> x/a TCP/80"));
  EXPECT_TRUE(Denied("x/b -> x/a TCP/80"));
}

TEST_F(Peers, HardCase12TwoSelectorsInTwoPeersAreOr) {
  Admit("[{namespaceSelector: {matchLabels: {ns: w}}}, {podSelector: {matchLabels: {pod: b}}}]");
  EXPECT_TRUE(Allowed("w/b -> x/a TCP/80"));
  EXPECT_TRUE(Allowed("w/a -> x/a TCP/80"));
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/80"));
  EXPECT_TRUE(Denied("x/c -> x/a TCP/80"));
  EXPECT_TRUE(Denied("z/a -> x/a TCP/80"));
}

TEST_F(Peers, HardCase13TwoLabelsAreBothNeeded) {
  Label("x/b", "{pod: b, tier: web}");
  Label("x/c", "{pod: c, tier: web, env: prod}");
  Admit("[{podSelector: {matchLabels: {tier: web, env: prod}}}]");
  EXPECT_TRUE(Allowed("x/c -> x/a TCP/80"));
  EXPECT_TRUE(Denied("x/b -> x/a TCP/80"));
  Given(Policy("x/out",
               "{podSelector: {matchLabels: {tier: web, env: prod}}, policyTypes: "
               "[Egress]}"));
  EXPECT_TRUE(Allowed("x/b -> w/a TCP/80")) << "of subjects as well";
  EXPECT_TRUE(Denied("x/c -> w/a TCP/80"));
}

TEST_F(Peers, HardCase14ExpressionsHoldAsWrittenOnPodsAndNamespaces) {
  Admit("[{podSelector: {matchExpressions: [{key: pod, operator: In, values: [b, c]}]}}]");
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/80"));
  EXPECT_TRUE(Allowed("x/c -> x/a TCP/80"));
  EXPECT_TRUE(Denied("w/b -> x/a TCP/80"));
  Admit(
      "[{namespaceSelector: {matchExpressions: ["
      "{key: ns, operator: In, values: [x, w]}, {key: ns, operator: NotIn, values: [x]}]}}]");
  EXPECT_TRUE(Allowed("w/b -> x/a TCP/80"));
  EXPECT_TRUE(Denied("x/b -> x/a TCP/80"));
  EXPECT_TRUE(Denied("z/a -> x/a TCP/80"));
}

TEST_F(Peers, HardCase15NotInMatchesWhereTheKeyIsAbsent) {
  Label("x/b", "{pod: b}");
  Label("x/c", "{pod: c, tier: web}");
  Admit("[{podSelector: {matchExpressions: [{key: tier, operator: NotIn, values: [web]}]}}]");
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/80"));
  EXPECT_TRUE(Denied("x/c -> x/a TCP/80"));
  Given(Policy("z/p",
               "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchExpressions: "
               "[{key: tier, operator: NotIn, values: [web]}]}}]}]}"));
  EXPECT_TRUE(Allowed("w/a -> z/a TCP/80")) << "of namespaces as well";
}

TEST_F(Peers, HardCase16AnEmptyValueStillNeedsTheKey) {
  Label("x/b", "{pod: b, canary: ''}");
  Admit("[{podSelector: {matchLabels: {canary: ''}}}]");
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/80"));
  EXPECT_TRUE(Denied("x/c -> x/a TCP/80"));
}

TEST_F(Peers, HardCase17ExistsAndDoesNotExistLookAtTheKeyOnly) {
  Label("x/b", "{pod: b, canary: ''}");
  Admit("[{podSelector: {matchExpressions: [{key: canary, operator: Exists}]}}]");
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/80"));
  EXPECT_TRUE(Denied("x/c -> x/a TCP/80"));
  Admit("[{podSelector: {matchExpressions: [{key: canary, operator: DoesNotExist}]}}]");
  EXPECT_TRUE(Denied("x/b -> x/a TCP/80"));
  EXPECT_TRUE(Allowed("x/c -> x/a TCP/80"));
}

TEST_F(Peers, HardCase18AnIllegalValueIsNoValue) {
  Stored(Pod({.key = "x/b", .labels = "{pod: b, tier: 'not legal'}"}));
  Label("x/c", "{pod: c, tier: web}");
  AdmitStored("[{podSelector: {matchLabels: {tier: 'not legal'}}}]");
  EXPECT_TRUE(Denied("x/b -> x/a TCP/80"));
  AdmitStored(
      "[{podSelector: {matchExpressions: [{key: tier, operator: In, values: ['not legal', "
      "web]}]}}]");
  EXPECT_TRUE(Denied("x/b -> x/a TCP/80"));
  EXPECT_TRUE(Allowed("x/c -> x/a TCP/80"));
  AdmitStored(
      "[{podSelector: {matchExpressions: [{key: tier, operator: NotIn, values: ['not "
      "legal', web]}]}}]");
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/80")) << "the illegal one excludes nobody";
  EXPECT_TRUE(Denied("x/c -> x/a TCP/80"));
}

TEST_F(Peers, HardCase55ANamespacesNewLabelsMoveItsPods) {
  Admit("[{namespaceSelector: {matchLabels: {team: red}}}]");
  EXPECT_TRUE(Denied("w/a -> x/a TCP/80"));
  Given(Namespace("w", "{ns: w, team: red}"));
  EXPECT_TRUE(Allowed("w/a -> x/a TCP/80"));
  EXPECT_TRUE(Allowed("w/far -> x/a TCP/80"));
  EXPECT_TRUE(Denied("z/a -> x/a TCP/80"));
  Given(Namespace("w", "{ns: w, team: blue}"));
  EXPECT_TRUE(Denied("w/a -> x/a TCP/80"));
}

TEST_F(Peers, HardCase56APodsNewLabelsMoveItAsPeerAndAsSubject) {
  Admit("[{podSelector: {matchLabels: {tier: web}}}]");
  EXPECT_TRUE(Denied("x/b -> x/a TCP/80"));
  Label("x/b", "{pod: b, tier: web}");
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/80"));
  Label("x/a", "{pod: none}");
  EXPECT_TRUE(Allowed("x/c -> x/a TCP/80")) << "no longer a subject";
  Label("x/c", "{pod: a}");
  EXPECT_TRUE(Denied("w/a -> x/c TCP/80")) << "a subject now";
  Label("x/b", "{pod: b}");
  EXPECT_TRUE(Denied("x/b -> x/c TCP/80"));
}

TEST_F(Peers, HardCase66AnyLabelsWillDo) {
  const std::string key = "example.com/" + std::string(63, 'k');
  const std::string value(63, 'v');
  std::string many = "pod: b";
  std::string asked;
  for (int i = 0; i < 100; ++i) {
    const std::string label = "l" + std::to_string(i) + ": v" + std::to_string(i);
    many += ", " + label;
    asked += (asked.empty() ? "" : ", ") + label;
  }
  Label("x/b", "{" + many + ", " + key + ": " + value + "}");
  Label("x/c", "{" + many + "}");
  Admit("[{podSelector: {matchLabels: {" + asked + ", " + key + ": " + value + "}}}]");
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/80"));
  EXPECT_TRUE(Denied("x/c -> x/a TCP/80"));
}

}  // namespace
}  // namespace sluice::hardcases
