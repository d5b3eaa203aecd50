// PredicateTable: the predicates that somebody on this node asks about, each known by one id, and
// what holds for whom. Pure.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "agent/policy/by_predicate.h"
#include "agent/policy/predicate.h"
#include "agent/policy/predicate_set.h"
#include "agent/policy/scope_index.h"
#include "agent/store/cluster_store.h"
#include "agent/store/owned_set.h"

namespace sluice::policy {

class PredicateTable {
 public:
  // `store` must outlive the table.
  explicit PredicateTable(const store::ClusterStore& store) : store_(store) {}
  PredicateTable(const PredicateTable&) = delete;
  PredicateTable& operator=(const PredicateTable&) = delete;

  // Counted: a predicate is in the table until it was released as often as it was acquired.
  PredicateId Acquire(const Predicate& predicate);
  void AcquireAgain(PredicateId id) { ++rows_[id]->count; }
  void Release(PredicateId id);
  // Nobody remembers a released id any more: from now on it may name another predicate.
  void ReuseReleased();

  std::optional<PredicateId> Find(const Predicate& predicate) const;
  // It must be in the table.
  const Predicate& At(PredicateId id) const { return rows_[id]->predicate; }

  // What pods make of an address.
  struct OfAddress {
    uint32_t pods = 0;       // that have it
    bool any_local = false;  // of them
    PredicateSet holding;    // the pod predicates that hold for it; sorted, unique
  };
  OfAddress Of(const IpAddress& address) const;

  // Calls visit(const store::PodState&) for the pods that a pod predicate holds for.
  template <typename Visit>
  void ForEachPodOf(PredicateId id, Visit visit) const {
    const Predicate& predicate = At(id);
    store_.ForEachPodGroup(ScopeOf(predicate), [&](const store::PodGroup& group) {
      const store::Labels* namespace_labels = store_.NamespaceLabels(group.ns);
      if (!SelectsGroup(predicate, group.ns, *group.labels, namespace_labels)) return;
      group.pods.ForEach([&](const store::PodState* pod) {
        if (SelectsPod(predicate, *pod)) visit(*pod);
      });
    });
  }
  // Pods of this node that a subject without a port selects.
  size_t CountLocal(PredicateId subject) const;
  // Calls visit(PredicateId) for the subjects that hold for the pod; for one maybe twice.
  template <typename Visit>
  void ForEachSubjectOf(const store::PodState& pod, Visit visit) const {
    if (pod.locality != store::Locality::kLocal) return;
    subjects_.ForEachCandidate(pod.key.ns, *pod.labels, nullptr, [&](PredicateId id) {
      if (Holds(At(id), pod, nullptr)) visit(id);
    });
  }

 private:
  struct Row {
    Predicate predicate;
    PredicateId id;
    uint32_t count = 0;
  };
  struct ByContent {
    static const Predicate& KeyOf(const Row& row) { return row.predicate; }
    static uint64_t HashOf(const Predicate& predicate) { return PredicateHash()(predicate); }
  };

  // Where its pods are found by; null: a block is not found by pods.
  ScopeIndex<PredicateId>* IndexOf(const Predicate& predicate);
  PredicateId TakeId();

  const store::ClusterStore& store_;  // borrowed
  store::OwnedSet<std::unique_ptr<Row>, ByContent> predicates_;
  ByPredicate<Row*> rows_;  // null: not in the table
  uint32_t next_id_ = 0;
  std::vector<PredicateId> free_ids_;
  std::vector<PredicateId> released_ids_;
  // Subjects apart: nobody asks about them for pods of other nodes.
  ScopeIndex<PredicateId> subjects_;
  ScopeIndex<PredicateId> peers_;  // all others but blocks
};

}  // namespace sluice::policy
