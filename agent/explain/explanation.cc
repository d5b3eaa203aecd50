#include "agent/explain/explanation.h"

namespace sluice::explain {

std::string_view ToString(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAllowed:
      return "allowed";
    case Outcome::kDenied:
      return "denied";
    case Outcome::kUnknown:
      return "unknown";
  }
  return "?";
}

Outcome Both(Outcome a, Outcome b) {
  if (a == Outcome::kDenied || b == Outcome::kDenied) return Outcome::kDenied;
  return a == Outcome::kAllowed ? b : a;
}

std::string_view ToString(JudgedBy judge) {
  switch (judge) {
    case JudgedBy::kThisNode:
      return "this node";
    case JudgedBy::kOtherNode:
      return "another node";
    case JudgedBy::kNobody:
      return "nobody";
  }
  return "?";
}

std::vector<std::string> RulesWith(const DirectionExplanation& judged, Match match) {
  std::vector<std::string> names;
  for (const PolicyFinding& policy : judged.policies) {
    for (const RuleFinding& rule : policy.rules) {
      if (rule.match != match) continue;
      names.push_back(policy.policy.ToString() + " " +
                      std::string(store::ToString(judged.direction)) + "[" +
                      std::to_string(rule.index) + "]");
    }
  }
  return names;
}

}  // namespace sluice::explain
