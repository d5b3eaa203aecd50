// Labels, and the selectors that are tried on them.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sluice::store {

// Sorted by key, as Kubernetes compares labels: byte by byte, case-sensitive.
using Labels = std::map<std::string, std::string, std::less<>>;

enum class SelectorOperator : uint8_t { kIn, kNotIn, kExists, kDoesNotExist };

// One requirement of a LabelSelector; a matchLabels entry is kIn with one value.
struct Requirement {
  std::string key;
  SelectorOperator op = SelectorOperator::kIn;
  std::vector<std::string> values;  // empty for kExists and kDoesNotExist

  friend auto operator<=>(const Requirement&, const Requirement&) = default;
};

// All requirements must hold; no requirement selects everything. A value that never changes: copies
// share what it says, for a policy's selector is asked for in many places.
class LabelSelector {
 public:
  LabelSelector() = default;
  LabelSelector(std::vector<Requirement> requirements);  // NOLINT: a list of them is a selector

  // Sorted and unique, as are the values of each: selectors that say the same compare equal.
  const std::vector<Requirement>& requirements() const;
  bool Matches(const Labels& labels) const;
  // "a=b,c in (d,e),!f"; "" for everything. The same text for equal selectors, and for no others.
  std::string ToString() const;
  // The same for equal selectors, in every process.
  uint64_t hash() const { return said_ ? said_->hash : 0; }
  // Whether another selector is a copy of this one, or this one of it.
  bool shared() const { return said_.use_count() > 1; }

  friend bool operator==(const LabelSelector& a, const LabelSelector& b) {
    return a.said_ == b.said_ || (a.hash() == b.hash() && a.requirements() == b.requirements());
  }
  friend std::strong_ordering operator<=>(const LabelSelector& a, const LabelSelector& b) {
    if (a.said_ == b.said_) return std::strong_ordering::equal;
    return a.requirements() <=> b.requirements();
  }

 private:
  struct Said {
    std::vector<Requirement> requirements;
    uint64_t hash;
  };
  std::shared_ptr<const Said> said_;  // null: no requirement
};

}  // namespace sluice::store
