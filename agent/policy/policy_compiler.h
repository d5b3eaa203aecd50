// PolicyCompiler: one NetworkPolicy into predicates and services. Pure; knows neither pods nor ids.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/policy/named_ports.h"
#include "agent/policy/predicate.h"
#include "agent/policy/rule.h"
#include "agent/store/objects.h"

namespace sluice::policy {

// One rule of a policy, or the part of it that is about one number of a named port: that name and
// number are then asked of the destination, the subject of an ingress rule, the peer of an egress
// one (netpol rule 32).
struct CompiledRule {
  size_t index = 0;  // in spec.ingress or spec.egress
  SubjectPredicate subject;
  std::optional<std::vector<Predicate>> peers;        // absent: any
  std::optional<std::vector<ServiceMatch>> services;  // absent: any

  // The rule in words, without its direction: equal for rules that say the same.
  std::string Words() const;
};

struct CompiledDirection {
  std::vector<CompiledRule> rules;
  std::set<PortName> named_ports;  // that the rules name: to be compiled again when they change
};

SubjectPredicate SubjectOf(const store::NetworkPolicy& policy);

// The numbers that a port name stands for on the pods that the direction's destinations are.
using NumbersOf = std::function<std::vector<uint16_t>(const PortName&)>;

// Absent when the policy does not isolate in the direction.
std::optional<CompiledDirection> Compile(const store::NetworkPolicy& policy,
                                         store::Direction direction, const NumbersOf& numbers_of);

}  // namespace sluice::policy
