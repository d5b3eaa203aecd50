// Subjects: which policies select pods of this node. Pure.
//
// Policies with the same podSelector in the same namespace have the same subject, one predicate:
// its pods are counted once for all of them.
#pragma once

#include <string>
#include <vector>

#include "agent/policy/by_predicate.h"
#include "agent/policy/predicate_table.h"
#include "agent/store/cluster_store.h"
#include "agent/store/small_set.h"

namespace sluice::policy {

class Subjects {
 public:
  // `predicates` must outlive it.
  explicit Subjects(PredicateTable& predicates) : predicates_(predicates) {}

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
    store::SmallSet<std::string> policies;  // names; none: nobody's subject
  };

  // Of policies; sorted, unique.
  std::vector<PredicateId> Selecting(const store::PodState* pod) const;
  // Appends the policies of the subject.
  void Turn(PredicateId id, std::vector<store::ObjectKey>& into) const;

  PredicateTable& predicates_;  // borrowed; holds one reference a policy
  ByPredicate<Subject> subjects_;
};

}  // namespace sluice::policy
