// ScopeIndex: what may hold for a pod, found without trying everything that is in use.
#pragma once

#include <unordered_map>
#include <vector>

#include "agent/store/pod_scope.h"

namespace sluice::policy {

// Values are small and comparable: ids, pointers.
template <typename Value>
class ScopeIndex {
 public:
  void Insert(const store::PodScope& scope, Value value) { by_scope_[scope].push_back(value); }
  void Erase(const store::PodScope& scope, Value value) {
    const auto bucket = by_scope_.find(scope);
    std::erase(bucket->second, value);
    if (bucket->second.empty()) by_scope_.erase(bucket);
  }

  // Calls visit(value) for the candidates: whatever has a scope in which such a pod lies.
  template <typename Visit>
  void ForEachCandidate(const std::string& ns, const store::Labels& labels,
                        const store::Labels* namespace_labels, Visit visit) const {
    if (by_scope_.empty()) return;
    store::ForEachScopeOf(ns, labels, namespace_labels, [&](const store::PodScope& scope) {
      const auto bucket = by_scope_.find(scope);
      if (bucket == by_scope_.end()) return;
      for (const Value value : bucket->second) visit(value);
    });
  }

 private:
  std::unordered_map<store::PodScope, std::vector<Value>, store::PodScopeHash> by_scope_;
};

}  // namespace sluice::policy
