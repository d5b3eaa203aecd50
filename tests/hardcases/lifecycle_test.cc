// Pods, namespaces, policies and agents that come and go, in whatever order.
#include <algorithm>

#include "agent/manifests/manifest_set.h"
#include "tests/fakes/builders.h"
#include "tests/hardcases/hard_case.h"

namespace sluice::hardcases {
namespace {

using store::ObjectKind;

class Lifecycle : public HardCase {
 protected:
  // x/a is open to the pods of w only.
  void AdmitW() {
    Given(Policy("x/in",
                 "{podSelector: {matchLabels: {pod: a}}, ingress: [{from: "
                 "[{namespaceSelector: {matchLabels: {ns: w}}}]}]}"));
  }
  std::string Elsewhere(const std::string& key, const std::string& status) {
    return Pod({.key = key, .spec = ", nodeName: elsewhere", .status = status});
  }
};

TEST_F(Lifecycle, HardCase48AHostNetworkPodIsNeitherSubjectNorPeer) {
  Given(Pod({.key = "w/host",
             .labels = "{pod: a}",
             .spec = ", hostNetwork: true",
             .status = "{phase: Running, podIPs: [{ip: 10.0.0.2}]}"}));
  AdmitW();
  EXPECT_TRUE(Allowed("w/a -> x/a TCP/80"));
  EXPECT_TRUE(Denied("10.0.0.2 -> x/a TCP/80")) << "no peer";
  Given(Policy("w/deny", "{podSelector: {}, policyTypes: [Ingress, Egress]}"));
  EXPECT_TRUE(Allowed("x/b -> 10.0.0.2 TCP/80")) << "no subject";
  EXPECT_TRUE(Allowed("10.0.0.2 -> x/b TCP/80"));
  Given(Policy("x/in",
               "{podSelector: {matchLabels: {pod: a}}, ingress: [{from: [{ipBlock: {cidr: "
               "10.0.0.2/32}}]}]}"));
  EXPECT_TRUE(Allowed("10.0.0.2 -> x/a TCP/80")) << "by its node's address";
}

TEST_F(Lifecycle, HardCase51AFinishedPodLosesItsAddressAtOnce) {
  AdmitW();
  for (const std::string phase : {"Succeeded", "Failed"}) {
    Given(Elsewhere("w/job", "{phase: Running, podIPs: [{ip: 10.0.9.7}]}"));
    ASSERT_TRUE(Allowed("10.0.9.7 -> x/a TCP/80"));
    Given(Elsewhere("w/job", "{phase: " + phase + ", podIPs: [{ip: 10.0.9.7}]}"));
    EXPECT_TRUE(Denied("10.0.9.7 -> x/a TCP/80")) << phase;
    Given(Elsewhere("z/next", "{phase: Running, podIPs: [{ip: 10.0.9.7}]}"));
    EXPECT_TRUE(Denied("z/next -> x/a TCP/80")) << "the new pod has the address, not the right";
    Deleted(ObjectKind::kPod, "z/next");
  }
}

TEST_F(Lifecycle, HardCase51AFinishedPodOfThisNodeLendsItsAddressNothing) {
  AdmitW();
  Given(Pod({.key = "w/a", .labels = "{pod: a}", .status = "{phase: Succeeded}"}));
  EXPECT_TRUE(Denied("10.0.2.1 -> x/a TCP/80"));
  Given(Pod({.key = "x/new", .labels = "{pod: new}"}));
  Attach("x/new", {"10.0.2.1"});  // before the DEL of w/a
  EXPECT_TRUE(Denied("x/new -> x/a TCP/80"));
  EXPECT_TRUE(Allowed("x/new -> x/b TCP/80"));
  Detach("w/a");
  EXPECT_TRUE(Denied("x/new -> x/a TCP/80"));
  EXPECT_TRUE(Allowed("x/new -> x/b TCP/80"));
}

TEST_F(Lifecycle, HardCase52ALateDeleteTakesNothingFromTheNewOwner) {
  AdmitW();
  Given(Elsewhere("w/old", "{phase: Running, podIPs: [{ip: 10.0.9.7}]}"));
  Given(Elsewhere("w/new", "{phase: Running, podIPs: [{ip: 10.0.9.7}]}"));
  Deleted(ObjectKind::kPod, "w/old");
  EXPECT_TRUE(Allowed("w/new -> x/a TCP/80"));
  Deleted(ObjectKind::kPod, "w/new");
  EXPECT_TRUE(Denied("10.0.9.7 -> x/a TCP/80"));
}

TEST_F(Lifecycle, HardCase52ALateDelTakesNothingFromTheNewOwnerOfThisNode) {
  AdmitW();
  Given(Pod({.key = "w/new", .labels = "{pod: new}"}));
  Attach("w/new", {"10.0.2.2"});  // w/b's
  Deleted(ObjectKind::kPod, "w/b");
  Detach("w/b");
  EXPECT_TRUE(Allowed("w/new -> x/a TCP/80"));
  EXPECT_TRUE(Allowed("x/b -> w/new TCP/80"));
}

TEST_F(Lifecycle, HardCase57APodMadeAgainUnderItsNameHasRulesAgain) {
  AdmitW();
  Detach("x/a");
  Deleted(ObjectKind::kPod, "x/a");
  Given(Pod({.key = "x/a", .labels = "{pod: a}"}));
  Attach("x/a", {"10.0.1.77"});
  EXPECT_TRUE(Allowed("w/a -> x/a TCP/80"));
  EXPECT_TRUE(Denied("x/b -> x/a TCP/80"));
  EXPECT_TRUE(Allowed("x/b -> 10.0.1.1 TCP/80")) << "the old address is nobody's: out it goes";
}

TEST_F(Lifecycle, HardCase59APodSeenBeforeItsNamespaceIsSelectedAfterwards) {
  Given(Policy("x/in",
               "{podSelector: {matchLabels: {pod: a}}, ingress: [{from: "
               "[{namespaceSelector: {matchLabels: {ns: late}}}]},"
               "{from: [{namespaceSelector: {matchExpressions: [{key: tier, operator: "
               "NotIn, values: [web]}]}}], ports: [{port: 443}]}]}"));
  Given(Pod({.key = "late/a"}));
  Attach("late/a", {"10.0.4.1"});
  EXPECT_TRUE(Denied("late/a -> x/a TCP/80"));
  EXPECT_TRUE(Denied("late/a -> x/a TCP/443")) << "of an unknown namespace nothing is known";
  Given(Namespace("late", "{ns: late}"));
  EXPECT_TRUE(Allowed("late/a -> x/a TCP/80"));
  EXPECT_TRUE(Allowed("late/a -> x/a TCP/443"));
  Deleted(ObjectKind::kNamespace, "late");
  EXPECT_TRUE(Denied("late/a -> x/a TCP/80"));
}

TEST_F(Lifecycle, HardCase63OneRefusedManifestDoesNotStopTheOthers) {
  manifests::ManifestSet manifests;
  const std::string of = "podSelector: {matchLabels: {pod: ";
  state().Apply(manifests.Update(
      "all.yaml", Policy("x/good", "{" + of + "a}}}") +
                      Policy("x/bad", "{" + of + "b}}, ingress: [{ports: [{port: 70000}]}]}") +
                      Policy("x/fine", "{" + of + "c}}}")));
  EXPECT_TRUE(Denied("w/a -> x/a TCP/80"));
  EXPECT_TRUE(Denied("w/a -> x/c TCP/80"));
  EXPECT_TRUE(Allowed("w/a -> x/b TCP/80"));
  const std::vector<manifests::Complaint> complaints = manifests.Complaints();
  const auto is_about_it = [](const manifests::Complaint& complaint) {
    return complaint.text.find("x/bad") != std::string::npos;
  };
  EXPECT_EQ(std::count_if(complaints.begin(), complaints.end(), is_about_it), 1);
}

TEST_F(Lifecycle, HardCase63AnUntranslatableStoredPolicyClosesItsOwnSubjectsOnly) {
  Stored(Policy("x/bad",
                "{podSelector: {matchLabels: {pod: a}}, ingress: [{from: [{ipBlock: "
                "{cidr: ten}}]}, {from: 7}, {ports: [{protocol: ICMP}]}]}"));
  Stored(Policy("x/good",
                "{podSelector: {matchLabels: {pod: b}}, ingress: [{ports: [{port: "
                "80}]}]}"));
  EXPECT_TRUE(Denied("w/a -> x/a TCP/80"));
  EXPECT_TRUE(Allowed("w/a -> x/b TCP/80"));
  EXPECT_TRUE(Denied("w/a -> x/b TCP/81"));
  EXPECT_TRUE(Allowed("w/a -> x/c TCP/80"));
}

}  // namespace
}  // namespace sluice::hardcases
