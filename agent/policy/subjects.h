// Subjects: which policies select pods of this node. Pure.
//
// Policies with the same podSelector in the same namespace have the same subjects: those are
// counted once for all of them.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "agent/policy/predicate.h"
#include "agent/policy/scope_index.h"
#include "agent/store/cluster_store.h"
#include "agent/store/small_set.h"

namespace sluice::policy {

class Subjects {
 public:
  explicit Subjects(const store::ClusterStore& store) : store_(store) {}
  // The index points at what is counted.
  Subjects(const Subjects&) = delete;
  Subjects& operator=(const Subjects&) = delete;

  // Whether the policy selects a pod of this node. It must not be in yet.
  bool Insert(const store::NetworkPolicy& policy);
  void Erase(const store::NetworkPolicy& policy);

  // Policies that select their first pod of this node now, and those that no longer select any.
  struct Turned {
    std::vector<store::ObjectKey> in;
    std::vector<store::ObjectKey> out;
  };
  Turned OnPodChanged(const store::PodChange& change);

 private:
  struct Subject {
    size_t local = 0;                       // pods of this node that it selects
    store::SmallSet<std::string> policies;  // names; never empty
  };
  using Entry = std::pair<const SubjectPredicate, Subject>;

  size_t CountLocal(const SubjectPredicate& subject) const;
  std::vector<Entry*> Selecting(const store::PodState* pod) const;

  const store::ClusterStore& store_;  // borrowed
  std::unordered_map<SubjectPredicate, Subject, PredicateHash> subjects_;
  ScopeIndex<Entry*> index_;
};

}  // namespace sluice::policy
