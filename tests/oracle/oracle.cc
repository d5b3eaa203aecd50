#include "tests/oracle/oracle.h"

#include "tests/oracle/peers.h"
#include "tests/oracle/ports.h"
#include "tests/oracle/selectors.h"

namespace sluice::oracle {
namespace {

using store::NetworkPolicy;
using store::PolicyRule;

// Rules 1 and 8: by a policy of the pod's own namespace, through spec.podSelector.
bool IsSubject(const NetworkPolicy& policy, const SeenPod& pod) {
  return pod.object.key.ns == policy.key.ns && Selects(policy.pod_selector, pod.object.labels);
}

}  // namespace

// Rule 4: "only if both the source's egress side and the destination's ingress side allow it".
bool Verdict::allowed() const { return egress.allowed && ingress.allowed; }

// Rule 6: connections are judged, by their first packet; replies need no permission of their own.
Verdict Oracle::Judge(const Connection& connection) const {
  Verdict verdict;
  verdict.egress = JudgeEgress(connection);
  verdict.ingress = JudgeIngress(connection);
  return verdict;
}

// Rules 1, 2 and 3, for egress. Rule 9: an end that is no pod has no side of its own.
Side Oracle::JudgeEgress(const Connection& connection) const {
  Side side;
  if (connection.opener == Opener::kThisNode) return side;
  bool some_rule_allows = false;
  for (const SeenPod* source : view_.SubjectsAt(connection.source)) {
    for (const auto& [key, policy] : cluster_.policies) {
      if (!policy.egress) continue;  // rule 2: isolation is per direction
      if (!IsSubject(policy, *source)) continue;
      side.isolated = true;  // rule 7: also when no rule of it allows anything
      if (SomeEgressRuleAllows(policy, connection)) some_rule_allows = true;
    }
  }
  side.allowed = !side.isolated || some_rule_allows;
  return side;
}

// Rules 1, 2 and 3, for ingress.
Side Oracle::JudgeIngress(const Connection& connection) const {
  Side side;
  bool some_rule_allows = false;
  for (const SeenPod* destination : view_.SubjectsAt(connection.destination)) {
    for (const auto& [key, policy] : cluster_.policies) {
      if (!policy.ingress) continue;
      if (!IsSubject(policy, *destination)) continue;
      side.isolated = true;
      if (SomeIngressRuleAllows(policy, *destination, connection)) some_rule_allows = true;
    }
  }
  // Rule 39: "ingress to a pod from its own node is always allowed". Rule 40: from the node means
  // locally originated there.
  if (connection.opener == Opener::kThisNode) some_rule_allows = true;
  side.allowed = !side.isolated || some_rule_allows;
  return side;
}

// Rule 5: a rule is (peers) AND (ports). Rule 32: an egress rule's named port is resolved on the
// peer, so both halves have to hold for one and the same pod.
bool Oracle::SomeEgressRuleAllows(const NetworkPolicy& policy, const Connection& connection) const {
  const std::vector<const SeenPod*> destinations = view_.OwnersOf(connection.destination);
  for (const PolicyRule& rule : *policy.egress) {
    // Whoever has the address: by blocks, by "any peer", and by port numbers alone.
    if (AddressIsPeer(rule, connection.destination) && NumberMatches(rule, connection)) return true;
    for (const SeenPod* pod : destinations) {
      const bool is_peer =
          AddressIsPeer(rule, connection.destination) || PodIsPeer(cluster_, policy, rule, *pod);
      if (is_peer && (NumberMatches(rule, connection) || NameMatches(rule, *pod, connection))) {
        return true;
      }
    }
  }
  return false;
}

// Rule 32: an ingress rule's named port is resolved on the subject.
bool Oracle::SomeIngressRuleAllows(const NetworkPolicy& policy, const SeenPod& subject,
                                   const Connection& connection) const {
  for (const PolicyRule& rule : *policy.ingress) {
    bool is_peer = AddressIsPeer(rule, connection.source);
    for (const SeenPod* pod : view_.OwnersOf(connection.source)) {
      if (PodIsPeer(cluster_, policy, rule, *pod)) is_peer = true;
    }
    const bool is_port = NumberMatches(rule, connection) || NameMatches(rule, subject, connection);
    if (is_peer && is_port) return true;
  }
  return false;
}

}  // namespace sluice::oracle
