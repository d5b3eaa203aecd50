#include "agent/policy/address_classes.h"

#include <glog/logging.h>

#include <algorithm>

#include "ofctl/base/hash.h"

namespace sluice::policy {
namespace {

const PredicateSet kEmptySet;

}  // namespace

size_t AddressClasses::PredicateSetHash::operator()(const PredicateSet& set) const {
  uint64_t hash = set.size();
  for (const PredicateId id : set) hash = CombineHash(hash, id.value);
  return hash;
}

uint64_t AddressClasses::HashOf(const Cidr& prefix) {
  const IpAddress::Bytes& bytes = prefix.network().bytes();
  const std::string_view view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const auto family = static_cast<uint64_t>(prefix.family());
  return CombineHash(StableHash(view), family << 8 | prefix.length());
}

AddressClasses::AddressClasses(const store::ClusterStore& store)
    : store_(store), ids_(kClassIdSlots, HashOf) {}

PredicateId AddressClasses::Acquire(const Predicate& predicate) {
  const auto [known, fresh] = predicate_by_text_.try_emplace(ToString(predicate));
  if (!fresh) {
    ++predicates_.at(known->second).count;
    return known->second;
  }
  const PredicateId id{next_predicate_++};
  known->second = id;
  predicates_.emplace(id, InUse{predicate, 1, {}});
  if (const auto* block = std::get_if<store::IpBlock>(&predicate)) {
    AddBlock(id, *block);
  } else {
    AddPodPredicate(id);
  }
  return id;
}

void AddressClasses::Release(PredicateId id) {
  InUse& in_use = predicates_.at(id);
  if (--in_use.count > 0) return;
  if (const auto* block = std::get_if<store::IpBlock>(&in_use.predicate)) {
    RemoveBlock(id, *block);
  } else {
    RemovePodPredicate(id);
  }
  predicate_by_text_.erase(ToString(in_use.predicate));
  predicates_.erase(id);
}

template <typename Visit>
void AddressClasses::ForEachCandidate(const Predicate& predicate, Visit visit) const {
  if (const auto label = RequiredLabel(predicate)) {
    const size_t equals = label->find('=');
    store_.ForEachPodWithLabel(label->substr(0, equals), label->substr(equals + 1), visit);
  } else if (const auto* subject = std::get_if<SubjectPredicate>(&predicate)) {
    store_.ForEachPodInNamespace(subject->ns, visit);
  } else if (const auto* peer = std::get_if<PodPredicate>(&predicate);
             peer != nullptr && std::holds_alternative<std::string>(peer->namespaces)) {
    store_.ForEachPodInNamespace(std::get<std::string>(peer->namespaces), visit);
  } else {
    for (const auto& [key, pod] : store_.pods()) visit(pod);
  }
}

void AddressClasses::AddPodPredicate(PredicateId id) {
  const Predicate& predicate = predicates_.at(id).predicate;
  if (const auto label = RequiredLabel(predicate)) {
    by_required_label_[*label].insert(id);
  } else {
    without_required_label_.insert(id);
  }
  std::vector<Cidr> extended;
  std::vector<Cidr> refreshed;
  ForEachCandidate(predicate, [&](const store::PodState& pod) {
    if (!Holds(predicate, pod, store_.NamespaceLabels(pod.key.ns))) return;
    PredicateSet& held = pod_predicates_[pod.key];
    held = With(std::move(held), id);
    for (const IpAddress& ip : pod.ips) {
      const Cidr prefix = Cidr::Host(ip);
      const auto known = entries_.find(prefix);
      const bool simple = known != entries_.end() && known->second.owners.size() == 1 &&
                          known->second.owners.contains(pod.key);
      Own(prefix, pod.key);
      (simple && policy::Covers(predicate, ip) ? extended : refreshed).push_back(prefix);
    }
  });
  Extend(extended, id);
  for (const Cidr& prefix : refreshed) Refresh(prefix);
}

void AddressClasses::RemovePodPredicate(PredicateId id) {
  Shrink(id);
  const Predicate& predicate = predicates_.at(id).predicate;
  if (const auto label = RequiredLabel(predicate)) {
    const auto bucket = by_required_label_.find(*label);
    bucket->second.erase(id);
    if (bucket->second.empty()) by_required_label_.erase(bucket);
  } else {
    without_required_label_.erase(id);
  }
  ForEachCandidate(predicate, [&](const store::PodState& pod) {
    const auto held = pod_predicates_.find(pod.key);
    if (held == pod_predicates_.end() || !Has(held->second, id)) return;
    SetPodPredicates(pod, Without(held->second, id));
  });
}

void AddressClasses::AddBlock(PredicateId id, const store::IpBlock& block) {
  std::vector<Cidr> extended;
  ForEachEntryIn(block.cidr, [&](const Cidr& prefix) {
    if (Covers(id, prefix)) extended.push_back(prefix);
  });
  blocks_by_cidr_[block.cidr].insert(id);
  ++block_lengths_[{block.cidr.family(), block.cidr.length()}];
  Extend(extended, id);
  const auto use = [this](const Cidr& prefix) {
    const bool known = entries_.contains(prefix);
    ++entries_[prefix].blocks;
    if (known) {
      changes_.entries.insert(prefix);  // a stamp may have become necessary
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
    --entries_.at(prefix).blocks;
    changes_.entries.insert(prefix);
    Refresh(prefix);
  };
  disuse(block.cidr);
  for (const Cidr& hole : block.except) disuse(hole);
}

template <typename Visit>
void AddressClasses::ForEachEntryIn(const Cidr& prefix, Visit visit) {
  for (auto it = entries_.lower_bound(prefix); it != entries_.end() && prefix.Contains(it->first);
       ++it) {
    visit(it->first);
  }
}

PredicateSet AddressClasses::Evaluate(const store::PodState& pod) const {
  const store::Labels* namespace_labels = store_.NamespaceLabels(pod.key.ns);
  PredicateSet holding;
  const auto test = [&](const std::unordered_set<PredicateId>& candidates) {
    for (const PredicateId id : candidates) {
      if (Holds(predicates_.at(id).predicate, pod, namespace_labels)) holding.push_back(id);
    }
  };
  test(without_required_label_);
  for (const auto& [key, value] : *pod.labels) {
    const auto bucket = by_required_label_.find(key + "=" + value);
    if (bucket != by_required_label_.end()) test(bucket->second);
  }
  std::sort(holding.begin(), holding.end());
  return holding;
}

void AddressClasses::OnPodChanged(const store::PodChange& change) {
  if (change.before) {
    pod_predicates_.erase(change.before->key);
    for (const IpAddress& ip : change.before->ips) Disown(Cidr::Host(ip), change.before->key);
  }
  if (change.after) SetPodPredicates(*change.after, Evaluate(*change.after));
  if (change.before) {
    for (const IpAddress& ip : change.before->ips) Refresh(Cidr::Host(ip));
  }
}

void AddressClasses::OnNamespaceChanged(const std::string& ns) {
  store_.ForEachPodInNamespace(ns, [this](const store::PodState& pod) {
    PredicateSet now = Evaluate(pod);
    const auto before = pod_predicates_.find(pod.key);
    const PredicateSet& held = before == pod_predicates_.end() ? kEmptySet : before->second;
    if (held != now) SetPodPredicates(pod, std::move(now));
  });
}

void AddressClasses::SetPodPredicates(const store::PodState& pod, PredicateSet after) {
  // A local pod owns its address also when nothing is asked of it: a stale remote pod with the
  // same address must not lend it its permissions.
  const bool owns = !after.empty() || pod.locality == store::Locality::kLocal;
  if (after.empty()) {
    pod_predicates_.erase(pod.key);
  } else {
    pod_predicates_.insert_or_assign(pod.key, std::move(after));
  }
  for (const IpAddress& ip : pod.ips) {
    const Cidr prefix = Cidr::Host(ip);
    if (owns) {
      Own(prefix, pod.key);
    } else {
      Disown(prefix, pod.key);
    }
    Refresh(prefix);
  }
}

void AddressClasses::Own(const Cidr& prefix, const store::ObjectKey& pod) {
  entries_[prefix].owners.insert(pod);
}

void AddressClasses::Disown(const Cidr& prefix, const store::ObjectKey& pod) {
  const auto entry = entries_.find(prefix);
  if (entry != entries_.end()) entry->second.owners.erase(pod);
}

void AddressClasses::Refresh(const Cidr& prefix) {
  const auto found = entries_.find(prefix);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  if (entry.owners.empty() && entry.blocks == 0) {
    Move(prefix, entry, nullptr);
    entries_.erase(found);
    return;
  }
  Move(prefix, entry, &ClassFor(Holding(prefix, entry)));
}

PredicateSet AddressClasses::Holding(const Cidr& prefix, const Entry& entry) const {
  PredicateSet holding;
  for (const auto& [length, count] : block_lengths_) {
    if (length.first != prefix.family() || length.second > prefix.length()) continue;
    const auto bucket = blocks_by_cidr_.find(Cidr::Of(prefix.network(), length.second));
    if (bucket == blocks_by_cidr_.end()) continue;
    for (const PredicateId id : bucket->second) {
      if (Covers(id, prefix)) holding.push_back(id);
    }
  }
  const auto is_local = [this](const store::ObjectKey& key) {
    const store::PodState* pod = store_.FindPod(key);
    return pod != nullptr && pod->locality == store::Locality::kLocal;
  };
  const bool any_local = std::any_of(entry.owners.begin(), entry.owners.end(), is_local);
  for (const store::ObjectKey& owner : entry.owners) {
    if (any_local && !is_local(owner)) continue;
    const auto held = pod_predicates_.find(owner);
    if (held == pod_predicates_.end()) continue;
    std::copy_if(held->second.begin(), held->second.end(), std::back_inserter(holding),
                 [&](PredicateId id) {
                   return policy::Covers(predicates_.at(id).predicate, prefix.network());
                 });
  }
  std::sort(holding.begin(), holding.end());
  holding.erase(std::unique(holding.begin(), holding.end()), holding.end());
  return holding;
}

bool AddressClasses::Covers(PredicateId block, const Cidr& prefix) const {
  const auto& [cidr, except] = std::get<store::IpBlock>(predicates_.at(block).predicate);
  return cidr.Contains(prefix) && std::none_of(except.begin(), except.end(), [&](const Cidr& hole) {
           return hole.Contains(prefix);
         });
}

const PredicateSet& AddressClasses::PredicatesOf(const IpAddress& address) const {
  for (int length = AddressBits(address.family()); length >= 0; --length) {
    const auto entry = entries_.find(Cidr::Of(address, static_cast<uint8_t>(length)));
    if (entry != entries_.end()) return entry->second.of->predicates;
  }
  return kEmptySet;
}

ClassId AddressClasses::ClassOf(const IpAddress& address) const {
  const auto found = classes_.find(PredicatesOf(address));
  return found == classes_.end() ? kNoClass : found->second->id;
}

std::optional<ClassId> AddressClasses::StampOf(const Cidr& prefix) const {
  const auto entry = entries_.find(prefix);
  if (entry == entries_.end()) return std::nullopt;
  // Pods only ever add predicates: one with none lies outside every block, where the miss says 0.
  if (entry->second.blocks == 0 && entry->second.of->predicates.empty()) return std::nullopt;
  return entry->second.of->id;
}

const PredicateSet* AddressClasses::PredicatesOfClass(ClassId id) const {
  const auto found = class_by_id_.find(id);
  return found == class_by_id_.end() ? nullptr : &found->second->predicates;
}

std::vector<ClassId> AddressClasses::ClassesWith(PredicateId id) const {
  std::vector<ClassId> ids;
  const auto in_use = predicates_.find(id);
  if (in_use == predicates_.end()) return ids;
  for (const AddressClass* of : in_use->second.classes) {
    if (of->id != kNoClass) ids.push_back(of->id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::map<Cidr, ClassId> AddressClasses::Entries() const {
  std::map<Cidr, ClassId> entries;
  for (const auto& [prefix, entry] : entries_) {
    if (const auto stamp = StampOf(prefix)) entries.emplace(prefix, *stamp);
  }
  return entries;
}

}  // namespace sluice::policy
