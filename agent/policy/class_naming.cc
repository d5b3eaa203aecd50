// The classes of AddressClasses: which entries each has, and what it is called.
#include <glog/logging.h>

#include "agent/policy/address_classes.h"

namespace sluice::policy {

void AddressClasses::Extend(const std::vector<Cidr>& prefixes, PredicateId id) {
  std::unordered_map<AddressClass*, std::vector<const Cidr*>> by_class;
  for (const Cidr& prefix : prefixes) by_class[entries_.at(prefix).of].push_back(&prefix);
  for (const auto& [of, members] : by_class) {
    PredicateSet extended = With(of->predicates, id);
    if (members.size() == of->members.size() && !of->predicates.empty()) {
      Rekey(*of, std::move(extended));
      continue;
    }
    AddressClass& target = ClassFor(extended);
    for (const Cidr* prefix : members) Move(*prefix, entries_.at(*prefix), &target);
  }
}

void AddressClasses::Shrink(PredicateId id) {
  const auto classes = predicates_.at(id).classes;
  for (AddressClass* of : classes) {
    // Emptied by the release of another predicate, which it still lists: on its way out.
    if (of->members.empty()) continue;
    PredicateSet shrunk = Without(of->predicates, id);
    if (!shrunk.empty() && !classes_.contains(shrunk)) {
      Rekey(*of, std::move(shrunk));
      continue;
    }
    AddressClass& target = ClassFor(shrunk);
    const auto members = of->members;
    for (const auto& [hash, prefix] : members) Move(prefix, entries_.at(prefix), &target);
  }
}

void AddressClasses::Rekey(AddressClass& of, PredicateSet predicates) {
  for (const PredicateId id : of.predicates) predicates_.at(id).classes.erase(&of);
  for (const PredicateId id : predicates) predicates_.at(id).classes.insert(&of);
  auto node = classes_.extract(of.predicates);
  CHECK(!node.empty());
  node.key() = predicates;
  of.predicates = std::move(predicates);
  CHECK(classes_.insert(std::move(node)).inserted);
  if (of.id != kNoClass) changes_.classes.insert(of.id);
  Touch(of);
}

AddressClasses::AddressClass& AddressClasses::ClassFor(const PredicateSet& predicates) {
  std::unique_ptr<AddressClass>& slot = classes_[predicates];
  if (!slot) {
    slot = std::make_unique<AddressClass>();
    slot->predicates = predicates;
    for (const PredicateId id : predicates) predicates_.at(id).classes.insert(slot.get());
  }
  return *slot;
}

void AddressClasses::Move(const Cidr& prefix, Entry& entry, AddressClass* to) {
  if (entry.of == to) return;
  const std::pair<uint64_t, Cidr> member{HashOf(prefix), prefix};
  if (entry.of != nullptr) {
    entry.of->members.erase(member);
    Touch(*entry.of);
  }
  if (to != nullptr) {
    to->members.insert(member);
    Touch(*to);
  }
  entry.of = to;
  changes_.entries.insert(prefix);
}

ClassChanges AddressClasses::TakeChanges() {
  std::vector<Cidr> displaced;
  std::vector<AddressClass*> renamed;
  for (AddressClass* of : touched_) {
    if (of->predicates.empty()) continue;  // class 0 needs no name
    const bool named = of->id != kNoClass;
    if (named && !of->members.empty() && of->members.begin()->second == of->name) continue;
    if (named) ids_.Erase(of->name, displaced);
    renamed.push_back(of);
  }
  for (AddressClass* of : renamed) {
    if (of->members.empty()) continue;
    of->name = of->members.begin()->second;
    ids_.Insert(of->name, displaced);
  }
  // A displaced name may have been erased by another step; those that remain name their class.
  for (const Cidr& name : displaced) {
    const auto entry = entries_.find(name);
    if (entry != entries_.end() && entry->second.of->name == name) {
      renamed.push_back(entry->second.of);
    }
  }
  for (AddressClass* of : renamed) {
    if (of->id == kNoClass) continue;
    changes_.classes.insert(of->id);
    const auto known = class_by_id_.find(of->id);
    if (known != class_by_id_.end() && known->second == of) class_by_id_.erase(known);
  }
  for (AddressClass* of : renamed) {
    const ClassId before = of->id;
    of->id = of->members.empty() ? kNoClass : ClassId{*ids_.Find(of->name)};
    if (of->id == kNoClass) continue;
    class_by_id_[of->id] = of;
    changes_.classes.insert(of->id);
    if (of->id == before) continue;
    for (const auto& [hash, prefix] : of->members) changes_.entries.insert(prefix);
  }
  for (AddressClass* of : touched_) DropIfEmpty(*of);
  touched_.clear();
  return std::exchange(changes_, {});
}

void AddressClasses::DropIfEmpty(AddressClass& of) {
  if (!of.members.empty()) return;
  for (const PredicateId id : of.predicates) {
    // The predicate may be gone already: this class was emptied by its release.
    if (const auto known = predicates_.find(id); known != predicates_.end()) {
      known->second.classes.erase(&of);
    }
  }
  classes_.erase(PredicateSet(of.predicates));
}

}  // namespace sluice::policy
