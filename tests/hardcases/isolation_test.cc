// Who is isolated in which direction, and what the union of policies is.
#include "tests/hardcases/hard_case.h"

namespace sluice::hardcases {
namespace {

using store::ObjectKind;

class Isolation : public HardCase {};

TEST_F(Isolation, HardCase01EgressTypeWithoutRulesDeniesAllEgress) {
  Given(Policy("x/p", "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Egress]}"));
  EXPECT_TRUE(Denied("x/a -> x/b TCP/80"));
  EXPECT_TRUE(Denied("x/a -> w/far UDP/53"));
  EXPECT_TRUE(Denied("x/a -> 192.0.2.1 TCP/443"));
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/80")) << "ingress is another direction";
  EXPECT_TRUE(Allowed("x/b -> x/c TCP/80")) << "not selected";
}

TEST_F(Isolation, HardCase02PeersThatSelectNobodyStillIsolate) {
  Given(Policy("x/p",
               "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress, Egress],"
               " ingress: [{from: [{podSelector: {matchLabels: {pod: nobody}}}]}],"
               " egress: [{to: [{namespaceSelector: {matchLabels: {ns: nowhere}}}]}]}"));
  EXPECT_TRUE(Denied("x/b -> x/a TCP/80"));
  EXPECT_TRUE(Denied("192.0.2.1 -> x/a TCP/80"));
  EXPECT_TRUE(Denied("x/a -> x/b TCP/80"));
}

TEST_F(Isolation, HardCase03AnEmptyRuleAllowsEverythingBesideRestrictivePolicies) {
  Given(Policy("x/deny", "{podSelector: {}, policyTypes: [Ingress, Egress]}"));
  Given(Policy("x/port", "{podSelector: {}, ingress: [{ports: [{port: 80}]}]}"));
  Given(Policy("x/open", "{podSelector: {}, policyTypes: [Ingress], ingress: [{}]}"));
  EXPECT_TRUE(Allowed("w/a -> x/a TCP/81"));
  EXPECT_TRUE(Allowed("192.0.2.1 -> x/a UDP/53"));
  EXPECT_TRUE(Allowed("w/a -> x/a 47")) << "whatever the protocol";
  EXPECT_TRUE(Denied("x/a -> w/a TCP/80")) << "in its own direction only";
}

TEST_F(Isolation, HardCase04EmptyEgressListWithoutPolicyTypesIsolatesIngressOnly) {
  Given(Policy("x/p", "{podSelector: {}, egress: []}"));
  EXPECT_TRUE(Allowed("x/a -> w/a TCP/80"));
  EXPECT_TRUE(Denied("w/a -> x/a TCP/80"));
}

TEST_F(Isolation, HardCase04OneEgressRuleWithoutPolicyTypesIsolatesBoth) {
  Given(Policy("x/p", "{podSelector: {}, egress: [{ports: [{port: 80}]}]}"));
  EXPECT_TRUE(Allowed("x/a -> w/a TCP/80"));
  EXPECT_TRUE(Denied("x/a -> w/a TCP/81"));
  EXPECT_TRUE(Denied("w/a -> x/a TCP/80"));
}

TEST_F(Isolation, HardCase04EmptyPolicyTypesMeanTheSameAsNone) {
  Given(Policy("x/p", "{podSelector: {}, policyTypes: [], egress: []}"));
  EXPECT_TRUE(Allowed("x/a -> w/a TCP/80"));
  EXPECT_TRUE(Denied("w/a -> x/a TCP/80"));
}

TEST_F(Isolation, HardCase05RulesOfADirectionThatIsNoTypeMeanNothing) {
  Given(Policy("x/in",
               "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress],"
               " egress: [{to: [{podSelector: {matchLabels: {pod: b}}}]}]}"));
  EXPECT_TRUE(Allowed("x/a -> w/a TCP/80"));
  EXPECT_TRUE(Denied("w/a -> x/a TCP/80"));
  Given(Policy("x/out",
               "{podSelector: {matchLabels: {pod: c}}, policyTypes: [Egress],"
               " ingress: [{from: [{podSelector: {matchLabels: {pod: b}}}]}]}"));
  EXPECT_TRUE(Allowed("w/a -> x/c TCP/80"));
  EXPECT_TRUE(Denied("x/c -> w/a TCP/80"));
}

TEST_F(Isolation, HardCase06AnIngressAndAnEgressPolicyIsolateEachItsOwnDirection) {
  Given(Policy("x/in", "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress]}"));
  Given(Policy("x/out", "{podSelector: {matchLabels: {pod: b}}, policyTypes: [Egress]}"));
  EXPECT_TRUE(Allowed("x/a -> w/a TCP/80"));
  EXPECT_TRUE(Denied("w/a -> x/a TCP/80"));
  EXPECT_TRUE(Allowed("w/a -> x/b TCP/80"));
  EXPECT_TRUE(Denied("x/b -> w/a TCP/80"));
  EXPECT_TRUE(Allowed("x/c -> w/a TCP/80"));
  EXPECT_TRUE(Allowed("w/a -> x/c TCP/80"));
}

TEST_F(Isolation, HardCase07AnotherPolicyOfTheSameSubjectAddsToADenyAll) {
  Given(Policy("x/deny", "{podSelector: {}, policyTypes: [Ingress]}"));
  Given(Policy("x/b",
               "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {pod: "
               "b}}}]}]}"));
  Given(Policy("x/c",
               "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {pod: "
               "c}}}]}]}"));
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/80"));
  EXPECT_TRUE(Allowed("x/c -> x/a TCP/80"));
  EXPECT_TRUE(Denied("w/a -> x/a TCP/80"));
}

TEST_F(Isolation, HardCase08PeersAndPortsOfDifferentRulesAreNoCrossProduct) {
  Given(Policy("x/p",
               "{podSelector: {matchLabels: {pod: a}}, ingress: ["
               "{from: [{podSelector: {matchLabels: {pod: b}}}], ports: [{port: 80}]},"
               "{from: [{podSelector: {matchLabels: {pod: c}}}], ports: [{port: 81}]}]}"));
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/80"));
  EXPECT_TRUE(Allowed("x/c -> x/a TCP/81"));
  EXPECT_TRUE(Denied("x/b -> x/a TCP/81"));
  EXPECT_TRUE(Denied("x/c -> x/a TCP/80"));
}

TEST_F(Isolation, HardCase09ADeletedDenyLeavesNothingBehind) {
  const ofctl::FlowMap before = Flows();
  Given(Policy("x/deny", "{podSelector: {}, policyTypes: [Ingress, Egress]}"));
  ASSERT_TRUE(Denied("w/a -> x/a TCP/80"));
  Deleted(ObjectKind::kNetworkPolicy, "x/deny");
  EXPECT_TRUE(Allowed("w/a -> x/a TCP/80"));
  EXPECT_TRUE(Allowed("x/a -> 192.0.2.1 UDP/53"));
  EXPECT_EQ(Flows(), before);
}

}  // namespace
}  // namespace sluice::hardcases
