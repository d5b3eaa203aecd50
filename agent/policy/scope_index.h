// ScopeIndex: what may hold for a pod, found without trying everything that is in use.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include "agent/store/pod_scope.h"
#include "agent/store/small_set.h"

namespace sluice::policy {

// Values are small and comparable: ids, pointers.
template <typename Value>
class ScopeIndex {
 public:
  void Insert(const store::PodScope& scope, Value value) {
    by_scope_[store::HashOf(scope)].Insert(value);
  }
  void Erase(const store::PodScope& scope, Value value) {
    const auto bucket = by_scope_.find(store::HashOf(scope));
    bucket->second.Erase(value);
    if (bucket->second.empty()) by_scope_.erase(bucket);
  }

  // Calls visit(value) for the candidates: whatever has a scope in which such a pod lies. The same
  // value may come twice, if two scopes share a hash.
  template <typename Visit>
  void ForEachCandidate(const std::string& ns, const store::Labels& labels,
                        const store::Labels* namespace_labels, Visit visit) const {
    if (by_scope_.empty()) return;
    store::ForEachScopeOf(ns, labels, namespace_labels, [&](const store::PodScope& scope) {
      const auto bucket = by_scope_.find(store::HashOf(scope));
      if (bucket != by_scope_.end()) bucket->second.ForEach(visit);
    });
  }

 private:
  boost::unordered_flat_map<uint64_t, store::SmallSet<Value>> by_scope_;
};

}  // namespace sluice::policy
