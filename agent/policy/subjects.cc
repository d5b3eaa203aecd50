#include "agent/policy/subjects.h"

#include <algorithm>

#include "agent/policy/policy_compiler.h"

namespace sluice::policy {

bool Subjects::Insert(const store::NetworkPolicy& policy) {
  const auto [place, fresh] = subjects_.try_emplace(SubjectOf(policy));
  Subject& subject = place->second;
  if (fresh) {
    subject.local = CountLocal(place->first);
    index_.Insert(ScopeOf(place->first), &*place);
  }
  subject.policies.Insert(policy.key.name);
  return subject.local > 0;
}

void Subjects::Erase(const store::NetworkPolicy& policy) {
  const auto place = subjects_.find(SubjectOf(policy));
  place->second.policies.Erase(policy.key.name);
  if (!place->second.policies.empty()) return;
  index_.Erase(ScopeOf(place->first), &*place);
  subjects_.erase(place);
}

Subjects::Turned Subjects::OnPodChanged(const store::PodChange& change) {
  Turned turned;
  const auto turn = [](const Entry& entry, std::vector<store::ObjectKey>& into) {
    entry.second.policies.ForEach([&](const std::string& name) {
      into.push_back({entry.first.ns, name});
    });
  };
  const std::vector<Entry*> before = Selecting(change.before ? &*change.before : nullptr);
  const std::vector<Entry*> after = Selecting(change.after);
  const auto has = [](const std::vector<Entry*>& entries, Entry* entry) {
    return std::find(entries.begin(), entries.end(), entry) != entries.end();
  };
  for (Entry* entry : after) {
    if (!has(before, entry) && ++entry->second.local == 1) turn(*entry, turned.in);
  }
  for (Entry* entry : before) {
    if (!has(after, entry) && --entry->second.local == 0) turn(*entry, turned.out);
  }
  return turned;
}

std::vector<Subjects::Entry*> Subjects::Selecting(const store::PodState* pod) const {
  std::vector<Entry*> selecting;
  if (pod == nullptr || pod->locality != store::Locality::kLocal) return selecting;
  index_.ForEachCandidate(pod->key.ns, *pod->labels, nullptr, [&](Entry* entry) {
    if (SelectsGroup(entry->first, pod->key.ns, *pod->labels, nullptr)) selecting.push_back(entry);
  });
  return selecting;
}

size_t Subjects::CountLocal(const SubjectPredicate& subject) const {
  size_t count = 0;
  store_.ForEachPodGroup(ScopeOf(subject), [&](const store::PodGroup& group) {
    if (SelectsGroup(subject, group.ns, *group.labels, nullptr)) count += group.local;
  });
  return count;
}

}  // namespace sluice::policy
