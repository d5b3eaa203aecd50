// PredicateSet: which predicates hold for an address; what a class is.
#pragma once

#include <algorithm>
#include <boost/container/small_vector.hpp>

#include "ofctl/base/strong_id.h"

namespace sluice::policy {

// Names a predicate while it is in use, inside this process only; never part of a flow.
using PredicateId = StrongId<struct PredicateIdTag>;

// Sorted ids of all predicates that hold: a few.
using PredicateSet = boost::container::small_vector<PredicateId, 4>;

// `id` must not be in the set yet.
inline PredicateSet With(PredicateSet set, PredicateId id) {
  set.insert(std::lower_bound(set.begin(), set.end(), id), id);
  return set;
}

inline PredicateSet Without(PredicateSet set, PredicateId id) {
  set.erase(std::remove(set.begin(), set.end(), id), set.end());
  return set;
}

inline bool Has(const PredicateSet& set, PredicateId id) {
  return std::binary_search(set.begin(), set.end(), id);
}

}  // namespace sluice::policy
