// The classes of AddressClasses: which entries each has, and what it is called.
#include <glog/logging.h>

#include <algorithm>

#include "agent/policy/address_classes.h"
#include "agent/policy/sort_unique.h"

namespace sluice::policy {

void AddressClasses::Extend(const std::vector<EntryNode*>& entries, PredicateId id) {
  for (const EntryNode* entry : entries) ++entry->second.of->chosen;
  for (EntryNode* entry : entries) {
    AddressClass& of = *entry->second.of;
    if (of.chosen == 0) continue;  // went as a whole
    if (of.target == nullptr) {
      PredicateSet extended = With(of.predicates, id);
      // There is such a class if the predicate was released just now, and comes back.
      if (of.chosen == of.members.size() && !of.predicates.empty() &&
          !classes_.contains(extended)) {
        of.chosen = 0;
        Rekey(of, std::move(extended));
        continue;
      }
      of.target = &ClassFor(extended);
    }
    Move(*entry, of.target);
    if (--of.chosen == 0) of.target = nullptr;
  }
}

void AddressClasses::Shrink(PredicateId id) {
  std::vector<AddressClass*> classes;
  uses_[id].classes.ForEach([&](AddressClass* of) { classes.push_back(of); });
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
    for (EntryNode* entry : members) Move(*entry, &target);
  }
}

void AddressClasses::Rekey(AddressClass& of, PredicateSet predicates) {
  for (const PredicateId id : of.predicates) uses_[id].classes.Erase(&of);
  for (const PredicateId id : predicates) uses_[id].classes.Insert(&of);
  const auto place = classes_.find(of.predicates);
  std::unique_ptr<AddressClass> moved = place->Release();
  classes_.erase(place);
  of.predicates = std::move(predicates);
  CHECK(classes_.insert(std::move(moved)).second);
  if (of.id != kNoClass) changes_.classes.push_back(of.id);
  Touch(of);
}

AddressClasses::AddressClass& AddressClasses::ClassFor(const PredicateSet& predicates) {
  const auto known = classes_.find(predicates);
  if (known != classes_.end()) return **known;
  auto fresh = std::make_unique<AddressClass>();
  fresh->predicates = predicates;
  for (const PredicateId id : predicates) uses_[id].classes.Insert(fresh.get());
  return **classes_.insert(std::move(fresh)).first;
}

void AddressClasses::Move(EntryNode& entry, AddressClass* to) {
  AddressClass* from = entry.second.of;
  if (from == to) return;
  if (from != nullptr) {
    RemoveMember(*from, entry);
    Touch(*from);
  }
  if (to != nullptr) {
    AddMember(*to, entry);
    Touch(*to);
  }
  entry.second.of = to;
  Changed(entry);
}

void AddressClasses::Touch(AddressClass& of) {
  if (!std::exchange(of.touched, true)) touched_.push_back(&of);
}

void AddressClasses::Changed(EntryNode& entry) {
  if (std::exchange(entry.second.changed_in, revision_) == revision_) return;
  changes_.entries.push_back(entry.first);
}

void AddressClasses::AddMember(AddressClass& of, EntryNode& entry) {
  entry.second.place = static_cast<uint32_t>(of.members.size());
  of.members.push_back(&entry);
  if (of.predicates.empty()) return;  // class 0 needs no name
  const bool alone = of.members.size() == 1;
  if (!alone && of.first == nullptr) return;
  const uint64_t hash = NameHash(entry.first);
  if (alone || std::pair(hash, entry.first) < std::pair(of.first_hash, of.first->first)) {
    of.first = &entry;
    of.first_hash = hash;
  }
}

void AddressClasses::RemoveMember(AddressClass& of, EntryNode& entry) {
  EntryNode* last = of.members.back();
  of.members[entry.second.place] = last;
  last->second.place = entry.second.place;
  of.members.pop_back();
  if (of.first == &entry) of.first = nullptr;
}

const Cidr& AddressClasses::FirstMember(AddressClass& of) {
  if (of.first == nullptr) {
    of.first = *std::min_element(
        of.members.begin(), of.members.end(),
        [](const EntryNode* a, const EntryNode* b) { return GoesFirst(a->first, b->first); });
    of.first_hash = NameHash(of.first->first);
  }
  return of.first->first;
}

bool AddressClasses::GoesFirst(const Cidr& a, const Cidr& b) {
  return std::pair(NameHash(a), a) < std::pair(NameHash(b), b);
}

ClassChanges AddressClasses::TakeChanges() {
  std::vector<Named> displaced;
  std::vector<AddressClass*> renamed;
  for (AddressClass* of : touched_) {
    if (of->predicates.empty()) continue;  // class 0 needs no name
    const bool named = of->id != kNoClass;
    if (named && !of->members.empty() && FirstMember(*of) == of->name) continue;
    if (named) ids_.Erase({of}, displaced);
    renamed.push_back(of);
  }
  for (AddressClass* of : renamed) {
    if (of->members.empty()) continue;
    of->name = FirstMember(*of);
    of->name_hash = of->first_hash;
    ids_.Insert({of}, displaced);
  }
  for (const auto& [of] : displaced) renamed.push_back(of);
  for (AddressClass* of : renamed) {
    const ClassId before = of->id;
    if (before != kNoClass) changes_.classes.push_back(before);
    of->id = of->members.empty() ? kNoClass : ClassId{*ids_.Find({of})};
    if (of->id == kNoClass) continue;
    changes_.classes.push_back(of->id);
    if (of->id == before) continue;
    for (EntryNode* entry : of->members) Changed(*entry);
  }
  for (AddressClass* of : touched_) {
    of->touched = false;
    DropIfEmpty(*of);
  }
  touched_.clear();
  ++revision_;
  SortUnique(changes_.entries, PrefixOrder());  // an entry may have gone and come again
  SortUnique(changes_.classes);
  return std::exchange(changes_, {});
}

void AddressClasses::DropIfEmpty(AddressClass& of) {
  if (!of.members.empty()) return;
  for (const PredicateId id : of.predicates) {
    uses_[id].classes.Erase(&of);
  }
  classes_.erase(classes_.find(of.predicates));
}

}  // namespace sluice::policy
