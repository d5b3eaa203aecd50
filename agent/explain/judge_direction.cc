#include "agent/explain/judge_direction.h"

#include <algorithm>
#include <set>

namespace sluice::explain {
namespace {

using store::Direction;
using store::NetworkPolicy;

std::vector<const PodAtEnd*> SubjectsOf(const NetworkPolicy& policy, const End& end) {
  std::vector<const PodAtEnd*> subjects;
  for (const PodAtEnd& pod : end.pods) {
    if (pod.key.ns == policy.key.ns && policy.pod_selector.Matches(*pod.labels)) {
      subjects.push_back(&pod);
    }
  }
  return subjects;
}

// Of the namespaces of the subject's pods, sorted.
std::vector<const NetworkPolicy*> PoliciesBeside(const End& subject,
                                                 const store::ClusterStore& store) {
  std::set<std::string> namespaces;
  for (const PodAtEnd& pod : subject.pods) namespaces.insert(pod.key.ns);
  std::vector<const NetworkPolicy*> policies;
  store.ForEachPolicy([&](const NetworkPolicy& policy) {
    if (namespaces.contains(policy.key.ns)) policies.push_back(&policy);
  });
  std::sort(policies.begin(), policies.end(),
            [](const auto* a, const auto* b) { return a->key < b->key; });
  return policies;
}

// Tests what they say, and keeps those that isolate.
std::vector<PolicyFinding> TestPolicies(const ConnectionEnds& connection, Direction direction) {
  const End& subject = connection.Subject(direction);
  std::vector<PolicyFinding> findings;
  for (const NetworkPolicy* policy : PoliciesBeside(subject, connection.store)) {
    const auto& rules = policy->rules(direction);
    const RuleContext context{connection, *policy, direction, SubjectsOf(*policy, subject)};
    if (!rules || context.subjects.empty()) continue;
    PolicyFinding finding{policy->key, {}};
    for (size_t i = 0; i < rules->size(); ++i) {
      finding.rules.push_back(TestRule(context, (*rules)[i]));
      finding.rules.back().index = i;
    }
    findings.push_back(std::move(finding));
  }
  return findings;
}

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string PolicyNames(const DirectionExplanation& judged) {
  std::vector<std::string> names;
  for (const PolicyFinding& policy : judged.policies) names.push_back(policy.policy.ToString());
  return Joined(names);
}

void Conclude(DirectionExplanation& judged) {
  if (const std::string allowing = Joined(RulesWith(judged, Match::kYes)); !allowing.empty()) {
    judged.outcome = Outcome::kAllowed;
    judged.words = "by " + allowing;
  } else if (const std::string open = Joined(RulesWith(judged, Match::kUnknown)); !open.empty()) {
    judged.outcome = Outcome::kUnknown;
    judged.words =
        "isolated by " + PolicyNames(judged) + "; an address that is not known decides " + open;
  } else {
    judged.outcome = Outcome::kDenied;
    judged.words = "isolated by " + PolicyNames(judged) + "; no rule allows it";
  }
}

JudgedBy JudgeOf(Place place) {
  if (place == Place::kHere) return JudgedBy::kThisNode;
  return place == Place::kElsewhere ? JudgedBy::kOtherNode : JudgedBy::kNobody;
}

}  // namespace

DirectionExplanation JudgeDirection(const ConnectionEnds& connection, Direction direction) {
  const End& subject = connection.Subject(direction);
  DirectionExplanation judged{.direction = direction, .words = {}, .policies = {}};
  judged.judged_by = JudgeOf(subject.place);
  if (subject.pods.empty()) {
    judged.words = subject.ToString() + " is no pod that a policy could select";
    return judged;
  }
  judged.policies = TestPolicies(connection, direction);
  judged.isolated = !judged.policies.empty();
  if (judged.isolated) {
    Conclude(judged);
  } else {
    judged.words = "no policy selects " + subject.pods.front().key.ToString() + " for " +
                   std::string(store::ToString(direction));
  }
  return judged;
}

}  // namespace sluice::explain
