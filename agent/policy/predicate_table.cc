#include "agent/policy/predicate_table.h"

#include <algorithm>

#include "agent/policy/sort_unique.h"

namespace sluice::policy {

PredicateId PredicateTable::Acquire(const Predicate& predicate) {
  const auto known = predicates_.find(predicate);
  if (known != predicates_.end()) {
    ++(*known)->count;
    return (*known)->id;
  }
  auto fresh = std::make_unique<Row>(Row{predicate, TakeId(), 1});
  const PredicateId id = fresh->id;
  rows_[id] = fresh.get();
  predicates_.insert(std::move(fresh));
  if (auto* index = IndexOf(predicate)) index->Insert(ScopeOf(predicate), id);
  return id;
}

std::optional<PredicateId> PredicateTable::Find(const Predicate& predicate) const {
  const auto known = predicates_.find(predicate);
  if (known == predicates_.end()) return std::nullopt;
  return (*known)->id;
}

PredicateId PredicateTable::TakeId() {
  if (free_ids_.empty()) return {next_id_++};
  const PredicateId id = free_ids_.back();
  free_ids_.pop_back();
  return id;
}

void PredicateTable::Release(PredicateId id) {
  Row& row = *rows_[id];
  if (--row.count > 0) return;
  if (auto* index = IndexOf(row.predicate)) index->Erase(ScopeOf(row.predicate), id);
  predicates_.erase(predicates_.find(row.predicate));
  rows_[id] = nullptr;
  released_ids_.push_back(id);
}

void PredicateTable::ReuseReleased() {
  free_ids_.insert(free_ids_.end(), released_ids_.begin(), released_ids_.end());
  released_ids_.clear();
}

ScopeIndex<PredicateId>* PredicateTable::IndexOf(const Predicate& predicate) {
  if (std::holds_alternative<store::IpBlock>(predicate)) return nullptr;
  return std::holds_alternative<SubjectPredicate>(predicate) ? &subjects_ : &peers_;
}

PredicateTable::OfAddress PredicateTable::Of(const IpAddress& address) const {
  const store::PodList pods = store_.PodsAt(address);
  // A local pod's address is its own: a stale remote pod with the same address must not lend it
  // its permissions.
  const auto is_local = [](const store::PodState* pod) {
    return pod->locality == store::Locality::kLocal;
  };
  OfAddress of{.pods = static_cast<uint32_t>(pods.size()),
               .any_local = std::any_of(pods.begin(), pods.end(), is_local),
               .holding = {}};
  for (const store::PodState* pod : pods) {
    if (of.any_local && !is_local(pod)) continue;
    ForEachSubjectOf(*pod, [&](PredicateId id) { of.holding.push_back(id); });
    const store::Labels* namespace_labels = store_.NamespaceLabels(pod->key.ns);
    peers_.ForEachCandidate(pod->key.ns, *pod->labels, namespace_labels, [&](PredicateId id) {
      const Predicate& predicate = At(id);
      if (Holds(predicate, *pod, namespace_labels) && Covers(predicate, address)) {
        of.holding.push_back(id);
      }
    });
  }
  SortUnique(of.holding);
  return of;
}

size_t PredicateTable::CountLocal(PredicateId subject) const {
  const Predicate& predicate = At(subject);
  size_t count = 0;
  store_.ForEachPodGroup(ScopeOf(predicate), [&](const store::PodGroup& group) {
    if (SelectsGroup(predicate, group.ns, *group.labels, nullptr)) count += group.local;
  });
  return count;
}

}  // namespace sluice::policy
