#include "agent/policy/address_classes.h"

#include <glog/logging.h>

#include <algorithm>

#include "agent/policy/sort_unique.h"
#include "ofctl/base/hash.h"

namespace sluice::policy {
namespace {

const PredicateSet kEmptySet;

}  // namespace

uint64_t AddressClasses::ByPredicates::HashOf(const PredicateSet& set) {
  uint64_t hash = MixBits(set.size());
  for (const PredicateId id : set) hash = CombineHash(hash, id.value);
  return hash;
}

AddressClasses::AddressClasses(PredicateTable& predicates)
    : table_(predicates),
      ids_(kClassIdSlots, [](const Named& named) { return named.of->name_hash; }) {}

PredicateId AddressClasses::Acquire(const Predicate& predicate) {
  const PredicateId id = table_.Acquire(predicate);
  Use(id);
  return id;
}

void AddressClasses::Acquire(PredicateId id) {
  table_.AcquireAgain(id);
  Use(id);
}

void AddressClasses::Use(PredicateId id) {
  if (++uses_[id].count > 1) return;
  if (const auto* block = std::get_if<store::IpBlock>(&PredicateOf(id))) {
    AddBlock(id, *block);
  } else {
    AddPodPredicate(id);
  }
}

void AddressClasses::Release(PredicateId id) {
  if (--uses_[id].count == 0) {
    if (const auto* block = std::get_if<store::IpBlock>(&PredicateOf(id))) {
      RemoveBlock(id, *block);
    } else {
      RemovePodPredicate(id);
    }
  }
  table_.Release(id);
}

void AddressClasses::AddPodPredicate(PredicateId id) {
  const Predicate& predicate = PredicateOf(id);
  std::vector<EntryNode*> extended;
  std::vector<Cidr> refreshed;
  table_.ForEachPodOf(id, [&](const store::PodState& pod) {
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
  Shrink(id);
  table_.ForEachPodOf(id, [&](const store::PodState& pod) {
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

bool AddressClasses::HasPodPredicate(const PredicateSet& predicates) const {
  return std::any_of(predicates.begin(), predicates.end(), [this](PredicateId id) {
    return !std::holds_alternative<store::IpBlock>(PredicateOf(id));
  });
}

void AddressClasses::Refresh(const Cidr& prefix) {
  const bool is_address = prefix.length() == AddressBits(prefix.family());
  Refresh(prefix, is_address ? table_.Of(prefix.network()) : PredicateTable::OfAddress());
}

void AddressClasses::Refresh(const Cidr& prefix, const PredicateTable::OfAddress& of) {
  PredicateSet holding;
  std::copy_if(of.holding.begin(), of.holding.end(), std::back_inserter(holding),
               [this](PredicateId id) { return IsUsed(id); });
  EntryNode* entry = entries_.Find(prefix);
  const bool named = entry != nullptr && entry->second.blocks > 0;
  // A local pod's address is its own also when nothing is asked of it.
  if (holding.empty() && !of.any_local && !named) {
    if (entry == nullptr) return;
    Move(*entry, nullptr);
    entries_.Erase(prefix);
    return;
  }
  AppendBlocks(prefix, holding);
  SortUnique(holding);
  if (entry == nullptr) entry = &entries_.At(prefix);
  entry->second.pods = of.pods;
  Move(*entry, &ClassFor(holding));
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
  const Named* named = ids_.At(id.value);
  return named == nullptr ? nullptr : &named->of->predicates;
}

std::map<Cidr, ClassId> AddressClasses::Entries() const {
  std::map<Cidr, ClassId> entries;
  entries_.ForEach([&](const EntryNode& entry) {
    if (const auto stamp = StampOf(entry.first)) entries.emplace(entry.first, *stamp);
  });
  return entries;
}

}  // namespace sluice::policy
