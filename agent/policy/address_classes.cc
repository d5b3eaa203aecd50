#include "agent/policy/address_classes.h"

#include <glog/logging.h>

#include <algorithm>

#include "agent/policy/sort_unique.h"
#include "ofctl/base/hash.h"

namespace sluice::policy {
namespace {

const PredicateSet kEmptySet;

}  // namespace

size_t AddressClasses::ClassHash::operator()(const PredicateSet& set) const {
  uint64_t hash = set.size();
  for (const PredicateId id : set) hash = CombineHash(hash, id.value);
  return hash;
}

AddressClasses::AddressClasses(const store::ClusterStore& store)
    : store_(store), ids_(kClassIdSlots, [](const Cidr& name) { return NameHash(name); }) {}

PredicateId AddressClasses::Acquire(const Predicate& predicate) {
  const auto [place, fresh] = in_use_.try_emplace(predicate);
  InUse& use = place->second;
  ++use.count;
  if (!fresh) return use.id;
  use.id = TakeId();
  predicates_[use.id.value] = &*place;
  if (const auto* block = std::get_if<store::IpBlock>(&predicate)) {
    AddBlock(use.id, *block);
  } else {
    AddPodPredicate(use.id);
  }
  return use.id;
}

PredicateId AddressClasses::TakeId() {
  if (free_ids_.empty()) {
    predicates_.push_back(nullptr);
    return {static_cast<uint32_t>(predicates_.size() - 1)};
  }
  const PredicateId id = free_ids_.back();
  free_ids_.pop_back();
  return id;
}

void AddressClasses::Release(PredicateId id) {
  if (--Use(id).count > 0) return;
  const Predicate& predicate = PredicateOf(id);
  if (const auto* block = std::get_if<store::IpBlock>(&predicate)) {
    RemoveBlock(id, *block);
  } else {
    RemovePodPredicate(id);
  }
  in_use_.erase(in_use_.find(predicate));
  predicates_[id.value] = nullptr;
  released_ids_.push_back(id);
}

template <typename Visit>
void AddressClasses::ForEachPodOf(const Predicate& predicate, Visit visit) const {
  store_.ForEachPodGroup(ScopeOf(predicate), [&](const store::PodGroup& group) {
    const store::Labels* namespace_labels = store_.NamespaceLabels(group.ns);
    if (!SelectsGroup(predicate, group.ns, *group.labels, namespace_labels)) return;
    group.pods.ForEach([&](const store::PodState* pod) {
      if (SelectsPod(predicate, *pod)) visit(*pod);
    });
  });
}

void AddressClasses::AddPodPredicate(PredicateId id) {
  const Predicate& predicate = PredicateOf(id);
  pod_predicates_.Insert(ScopeOf(predicate), id);
  std::vector<EntryNode*> extended;
  std::vector<Cidr> refreshed;
  ForEachPodOf(predicate, [&](const store::PodState& pod) {
    for (const IpAddress& ip : pod.ips) {
      if (!policy::Covers(predicate, ip)) continue;
      EntryNode* entry = entries_.Find(Cidr::Host(ip));
      if (entry != nullptr && entry->second.pods == 1) {
        extended.push_back(entry);
      } else {
        refreshed.push_back(Cidr::Host(ip));
      }
    }
  });
  Extend(extended, id);
  for (const Cidr& prefix : refreshed) Refresh(prefix);
}

void AddressClasses::RemovePodPredicate(PredicateId id) {
  const Predicate& predicate = PredicateOf(id);
  pod_predicates_.Erase(ScopeOf(predicate), id);
  Shrink(id);
  ForEachPodOf(predicate, [&](const store::PodState& pod) {
    for (const IpAddress& ip : pod.ips) {
      const EntryNode* entry = entries_.Find(Cidr::Host(ip));
      if (entry == nullptr) continue;
      // What else holds for the address has not changed; nothing may be left that needs the entry.
      if (!HasPodPredicate(entry->second.of->predicates)) Refresh(entry->first);
    }
  });
}

void AddressClasses::AddBlock(PredicateId id, const store::IpBlock& block) {
  std::vector<EntryNode*> extended;
  entries_.ForEachIn(block.cidr, [&](EntryNode& entry) {
    if (Covers(id, entry.first)) extended.push_back(&entry);
  });
  blocks_by_cidr_[block.cidr].insert(id);
  ++block_lengths_[{block.cidr.family(), block.cidr.length()}];
  Extend(extended, id);
  const auto use = [this](const Cidr& prefix) {
    EntryNode& entry = entries_.At(prefix);
    ++entry.second.blocks;
    if (entry.second.of != nullptr) {
      Changed(entry);  // a stamp may have become necessary
    } else {
      Refresh(prefix);
    }
  };
  use(block.cidr);
  for (const Cidr& hole : block.except) use(hole);
}

void AddressClasses::RemoveBlock(PredicateId id, const store::IpBlock& block) {
  const auto bucket = blocks_by_cidr_.find(block.cidr);
  bucket->second.erase(id);
  if (bucket->second.empty()) blocks_by_cidr_.erase(bucket);
  const auto length = block_lengths_.find({block.cidr.family(), block.cidr.length()});
  if (--length->second == 0) block_lengths_.erase(length);
  Shrink(id);
  const auto disuse = [this](const Cidr& prefix) {
    EntryNode& entry = *entries_.Find(prefix);
    --entry.second.blocks;
    Changed(entry);
    Refresh(prefix);
  };
  disuse(block.cidr);
  for (const Cidr& hole : block.except) disuse(hole);
}

void AddressClasses::Evaluate(const store::PodState& pod, const IpAddress& address,
                              PredicateSet& holding) const {
  const store::Labels* namespace_labels = store_.NamespaceLabels(pod.key.ns);
  pod_predicates_.ForEachCandidate(pod.key.ns, *pod.labels, namespace_labels, [&](PredicateId id) {
    const Predicate& predicate = PredicateOf(id);
    if (Holds(predicate, pod, namespace_labels) && policy::Covers(predicate, address)) {
      holding.push_back(id);
    }
  });
}

bool AddressClasses::HasPodPredicate(const PredicateSet& predicates) const {
  return std::any_of(predicates.begin(), predicates.end(), [this](PredicateId id) {
    return !std::holds_alternative<store::IpBlock>(PredicateOf(id));
  });
}

void AddressClasses::OnPodChanged(const store::PodChange& change) {
  if (change.after) RefreshPod(*change.after);
  if (change.before) RefreshPod(*change.before);
}

void AddressClasses::OnNamespaceChanged(const std::string& ns) {
  store_.ForEachPodInNamespace(ns, [this](const store::PodState& pod) { RefreshPod(pod); });
}

void AddressClasses::RefreshPod(const store::PodState& pod) {
  for (const IpAddress& ip : pod.ips) Refresh(Cidr::Host(ip));
}

void AddressClasses::Refresh(const Cidr& prefix) {
  store::PodList pods;
  if (prefix.length() == AddressBits(prefix.family())) pods = store_.PodsAt(prefix.network());
  std::optional<PredicateSet> holding = OfPods(pods, prefix.network());
  EntryNode* entry = entries_.Find(prefix);
  const bool named = entry != nullptr && entry->second.blocks > 0;
  if (!holding && !named) {
    if (entry == nullptr) return;
    Move(*entry, nullptr);
    entries_.Erase(prefix);
    return;
  }
  if (!holding) holding.emplace();
  AppendBlocks(prefix, *holding);
  SortUnique(*holding);
  if (entry == nullptr) entry = &entries_.At(prefix);
  entry->second.pods = static_cast<uint32_t>(pods.size());
  Move(*entry, &ClassFor(*holding));
}

std::optional<PredicateSet> AddressClasses::OfPods(const store::PodList& pods,
                                                   const IpAddress& address) const {
  // A local pod's address is its own also when nothing is asked of it: a stale remote pod with the
  // same address must not lend it its permissions.
  const auto is_local = [](const store::PodState* pod) {
    return pod->locality == store::Locality::kLocal;
  };
  const bool any_local = std::any_of(pods.begin(), pods.end(), is_local);
  PredicateSet holding;
  for (const store::PodState* pod : pods) {
    if (!any_local || is_local(pod)) Evaluate(*pod, address, holding);
  }
  if (holding.empty() && !any_local) return std::nullopt;
  return holding;
}

void AddressClasses::AppendBlocks(const Cidr& prefix, PredicateSet& holding) const {
  for (const auto& [length, count] : block_lengths_) {
    if (length.first != prefix.family() || length.second > prefix.length()) continue;
    const auto bucket = blocks_by_cidr_.find(Cidr::Of(prefix.network(), length.second));
    if (bucket == blocks_by_cidr_.end()) continue;
    for (const PredicateId id : bucket->second) {
      if (Covers(id, prefix)) holding.push_back(id);
    }
  }
}

bool AddressClasses::Covers(PredicateId block, const Cidr& prefix) const {
  const auto& [cidr, except] = std::get<store::IpBlock>(PredicateOf(block));
  return cidr.Contains(prefix) && std::none_of(except.begin(), except.end(), [&](const Cidr& hole) {
           return hole.Contains(prefix);
         });
}

const PredicateSet& AddressClasses::PredicatesOf(const IpAddress& address) const {
  for (int length = AddressBits(address.family()); length >= 0; --length) {
    const auto* entry = entries_.Find(Cidr::Of(address, static_cast<uint8_t>(length)));
    if (entry != nullptr) return entry->second.of->predicates;
  }
  return kEmptySet;
}

ClassId AddressClasses::ClassOf(const IpAddress& address) const {
  const auto found = classes_.find(PredicatesOf(address));
  return found == classes_.end() ? kNoClass : (*found)->id;
}

std::optional<ClassId> AddressClasses::StampOf(const Cidr& prefix) const {
  const EntryNode* entry = entries_.Find(prefix);
  if (entry == nullptr) return std::nullopt;
  // Pods only ever add predicates: one with none lies outside every block, where the miss says 0.
  if (entry->second.blocks == 0 && entry->second.of->predicates.empty()) return std::nullopt;
  return entry->second.of->id;
}

const PredicateSet* AddressClasses::PredicatesOfClass(ClassId id) const {
  const auto found = class_by_id_.find(id);
  return found == class_by_id_.end() ? nullptr : &found->second->predicates;
}

std::map<Cidr, ClassId> AddressClasses::Entries() const {
  std::map<Cidr, ClassId> entries;
  entries_.ForEach([&](const EntryNode& entry) {
    if (const auto stamp = StampOf(entry.first)) entries.emplace(entry.first, *stamp);
  });
  return entries;
}

}  // namespace sluice::policy
