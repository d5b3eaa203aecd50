#include "tests/oracle/selectors.h"

namespace sluice::oracle {
namespace {

bool HasKey(const store::Requirement& requirement, const store::Labels& labels) {
  for (const auto& [key, value] : labels) {
    if (key == requirement.key) return true;
  }
  return false;
}

bool HasOneOfTheValues(const store::Requirement& requirement, const store::Labels& labels) {
  for (const auto& [key, value] : labels) {
    if (key != requirement.key) continue;
    for (const std::string& listed : requirement.values) {
      // Rule 16: case-sensitive. Rule 18 and 58: a listed value that is no legal label value equals
      // the value of no label, so In gains nothing by it and NotIn loses nothing.
      if (value == listed) return true;
    }
  }
  return false;
}

// Rule 16.
bool Holds(const store::Requirement& requirement, const store::Labels& labels) {
  switch (requirement.op) {
    case store::SelectorOperator::kIn:  // "key present and value in the set"
      return HasKey(requirement, labels) && HasOneOfTheValues(requirement, labels);
    case store::SelectorOperator::kNotIn:  // "key absent OR value not in the set"
      return !HasKey(requirement, labels) || !HasOneOfTheValues(requirement, labels);
    case store::SelectorOperator::kExists:
      return HasKey(requirement, labels);
    case store::SelectorOperator::kDoesNotExist:
      return !HasKey(requirement, labels);
  }
  return false;
}

}  // namespace

bool Selects(const store::LabelSelector& selector, const store::Labels& labels) {
  for (const store::Requirement& requirement : selector.requirements()) {
    if (!Holds(requirement, labels)) return false;
  }
  return true;
}

}  // namespace sluice::oracle
