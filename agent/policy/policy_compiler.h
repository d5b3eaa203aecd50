// PolicyCompiler: one NetworkPolicy into predicates and services. Pure; knows neither pods nor ids.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/policy/predicate.h"
#include "agent/policy/rule.h"
#include "agent/store/objects.h"

namespace sluice::policy {

struct CompiledRule {
  size_t index = 0;                                   // in spec.ingress or spec.egress
  std::optional<std::vector<Predicate>> peers;        // absent: any
  std::optional<std::vector<ServiceMatch>> services;  // absent: any

  // The rule in words, without its direction: equal for rules that say the same.
  std::string Key(const SubjectPredicate& subject) const;
};

// Something a policy asks for that this release cannot do. What it would have allowed stays closed.
struct Refusal {
  std::string field;  // "spec.ingress[0].ports[1].protocol"
  std::string message;

  friend auto operator<=>(const Refusal&, const Refusal&) = default;
};

struct CompiledDirection {
  std::vector<CompiledRule> rules;
  std::vector<Refusal> refusals;
};

SubjectPredicate SubjectOf(const store::NetworkPolicy& policy);

// Absent when the policy does not isolate in the direction.
std::optional<CompiledDirection> Compile(const store::NetworkPolicy& policy,
                                         store::Direction direction);

}  // namespace sluice::policy
