#include "agent/store/label_selector.h"

#include <algorithm>
#include <utility>

#include "ofctl/base/hash.h"

namespace sluice::store {
namespace {

bool Holds(const Requirement& requirement, const Labels& labels) {
  const auto label = labels.find(requirement.key);
  const bool present = label != labels.end();
  const auto in_values = [&] {
    return std::binary_search(requirement.values.begin(), requirement.values.end(), label->second);
  };
  switch (requirement.op) {
    case SelectorOperator::kIn:
      return present && in_values();
    case SelectorOperator::kNotIn:  // an absent key is not in the set (netpol rule 16)
      return !present || !in_values();
    case SelectorOperator::kExists:
      return present;
    case SelectorOperator::kDoesNotExist:
      return !present;
  }
  return false;
}

// An empty value is a value like any other, and not as if there were none.
std::string Join(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) {
    if (!text.empty()) text += ",";
    text += value.empty() ? "\"\"" : value;
  }
  return text;
}

std::string RequirementText(const Requirement& requirement) {
  switch (requirement.op) {
    case SelectorOperator::kIn:
      if (requirement.values.size() == 1) return requirement.key + "=" + requirement.values[0];
      return requirement.key + " in (" + Join(requirement.values) + ")";
    case SelectorOperator::kNotIn:
      return requirement.key + " notin (" + Join(requirement.values) + ")";
    case SelectorOperator::kExists:
      return requirement.key;
    case SelectorOperator::kDoesNotExist:
      return "!" + requirement.key;
  }
  return "";
}

template <typename T>
void SortUnique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

uint64_t HashOf(const std::vector<Requirement>& requirements) {
  uint64_t hash = requirements.size();
  for (const Requirement& requirement : requirements) {
    hash = CombineHash(hash, StableHash(requirement.key));
    hash = CombineHash(hash, static_cast<uint64_t>(requirement.op));
    for (const std::string& value : requirement.values) {
      hash = CombineHash(hash, StableHash(value));
    }
  }
  return hash;
}

}  // namespace

LabelSelector::LabelSelector(std::vector<Requirement> requirements) {
  if (requirements.empty()) return;
  for (Requirement& requirement : requirements) SortUnique(requirement.values);
  SortUnique(requirements);
  const uint64_t hash = HashOf(requirements);
  said_ = std::make_shared<const Said>(Said{std::move(requirements), hash});
}

const std::vector<Requirement>& LabelSelector::requirements() const {
  static const std::vector<Requirement> kNone;
  return said_ ? said_->requirements : kNone;
}

bool LabelSelector::Matches(const Labels& labels) const {
  return std::all_of(requirements().begin(), requirements().end(),
                     [&](const Requirement& requirement) { return Holds(requirement, labels); });
}

std::string LabelSelector::ToString() const {
  std::string text;
  for (const Requirement& requirement : requirements()) {
    text += (text.empty() ? "" : ",") + RequirementText(requirement);
  }
  return text;
}

}  // namespace sluice::store
