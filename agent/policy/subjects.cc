#include "agent/policy/subjects.h"

#include <algorithm>

#include "agent/policy/policy_compiler.h"
#include "agent/policy/sort_unique.h"

namespace sluice::policy {

bool Subjects::Insert(const store::NetworkPolicy& policy) {
  const PredicateId id = predicates_.Acquire(SubjectOf(policy));
  Subject& subject = subjects_[id];
  if (subject.policies.empty()) subject.local = predicates_.CountLocal(id);
  subject.policies.Insert(policy.key.name);
  return subject.local > 0;
}

void Subjects::Erase(const store::NetworkPolicy& policy) {
  const PredicateId id = *predicates_.Find(SubjectOf(policy));
  subjects_[id].policies.Erase(policy.key.name);
  predicates_.Release(id);
}

Subjects::Turned Subjects::OnPodChanged(const store::PodChange& change) {
  Turned turned;
  const auto before = Selecting(change.before ? &*change.before : nullptr);
  const auto after = Selecting(change.after);
  const auto has = [](const std::vector<PredicateId>& ids, PredicateId id) {
    return std::binary_search(ids.begin(), ids.end(), id);
  };
  for (const PredicateId id : after) {
    if (!has(before, id) && ++subjects_[id].local == 1) Turn(id, turned.in);
  }
  for (const PredicateId id : before) {
    if (!has(after, id) && --subjects_[id].local == 0) Turn(id, turned.out);
  }
  return turned;
}

std::vector<PredicateId> Subjects::Selecting(const store::PodState* pod) const {
  std::vector<PredicateId> selecting;
  if (pod == nullptr) return selecting;
  predicates_.ForEachSubjectOf(*pod, [&](PredicateId id) {
    if (!subjects_[id].policies.empty()) selecting.push_back(id);
  });
  SortUnique(selecting);
  return selecting;
}

void Subjects::Turn(PredicateId id, std::vector<store::ObjectKey>& into) const {
  const auto& ns = std::get<SubjectPredicate>(predicates_.At(id)).ns;
  subjects_[id].policies.ForEach([&](const std::string& name) { into.push_back({ns, name}); });
}

}  // namespace sluice::policy
