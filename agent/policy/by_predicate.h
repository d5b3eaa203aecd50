// ByPredicate: a value for each predicate. Ids are small and given out in a row, so that what
// belongs to the predicates of one policy lies side by side: no hash table scatters it.
#pragma once

#include <vector>

#include "agent/policy/predicate_set.h"

namespace sluice::policy {

template <typename Value>
class ByPredicate {
 public:
  // Made by default, if nobody has asked for it yet.
  Value& operator[](PredicateId id) {
    if (values_.size() <= id.value) values_.resize(size_t{id.value} + 1);
    return values_[id.value];
  }
  // What nobody has asked for yet is as it is made by default.
  const Value& operator[](PredicateId id) const {
    static const Value kNone{};
    return id.value < values_.size() ? values_[id.value] : kNone;
  }

 private:
  std::vector<Value> values_;
};

}  // namespace sluice::policy
