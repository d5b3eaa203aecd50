// AddressClasses: one side's addresses (sources, or destinations), divided by what the rules in use
// can tell apart. Two addresses are in one class exactly when the same predicates hold for both.
//
// Held as prefixes: a pod's address is a full-length prefix, an ipBlock's cidr and each of its
// excepts are prefixes too; the longest one that covers an address decides. An `except` is just a
// more specific prefix in a class without the block, so it can never become a deny.
//
// A class is named by its member with the smallest hash (OrderedIds makes the name a small number).
// That makes ids a function of the present members: no arrival order, no renaming by a restart. A
// new predicate that all members share renames nothing; a member that comes or goes renames its
// class with a chance of 1 in its size, so that the expected cost of an event stays constant.
//
// Pure. Changes are collected until TakeChanges(); until then the id of a predicate that was
// released must name no other (PredicateTable::ReuseReleased).
#pragma once

#include <boost/container/small_vector.hpp>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "agent/policy/by_predicate.h"
#include "agent/policy/ordered_ids.h"
#include "agent/policy/predicate_set.h"
#include "agent/policy/predicate_table.h"
#include "agent/policy/prefix_map.h"
#include "agent/store/owned_set.h"
#include "agent/store/small_set.h"
#include "ofctl/base/ip.h"
#include "ofctl/base/strong_id.h"

namespace sluice::policy {

// Names a class in the switch's registers. 0: no predicate holds.
using ClassId = StrongId<struct ClassIdTag>;

inline constexpr ClassId kNoClass{0};
// 24 bits: short to read, and sparse enough that ids of different classes hardly ever collide.
inline constexpr uint32_t kClassIdSlots = (1u << 24) - 1;

struct ClassChanges {
  // Sorted, unique.
  std::vector<Cidr> entries;     // stamped otherwise, new, or gone
  std::vector<ClassId> classes;  // other predicates, new, or gone

  bool empty() const { return entries.empty() && classes.empty(); }
};

class AddressClasses {
 public:
  // `predicates` must outlive it.
  explicit AddressClasses(PredicateTable& predicates);

  // Counted: a predicate is in use on this side until it was released as often as it was acquired.
  PredicateId Acquire(const Predicate& predicate);
  // One that is in the table.
  void Acquire(PredicateId id);
  void Release(PredicateId id);

  // Brings an address into the class of what holds for it now: `of` is what pods make of it.
  void Refresh(const IpAddress& address, const PredicateTable::OfAddress& of) {
    Refresh(Cidr::Host(address), of);
  }

  ClassChanges TakeChanges();

  // By longest prefix; empty when no predicate holds.
  const PredicateSet& PredicatesOf(const IpAddress& address) const;
  ClassId ClassOf(const IpAddress& address) const;
  // The class an entry is stamped with; absent when there is no such entry.
  std::optional<ClassId> StampOf(const Cidr& prefix) const;
  // Null when there is no such class (any more).
  const PredicateSet* PredicatesOfClass(ClassId id) const;
  // Calls visit(ClassId) for the classes that the predicate holds for, in any order; for none if it
  // is not in use (any more).
  template <typename Visit>
  void ForEachClassWith(PredicateId id, Visit visit) const {
    if (!IsUsed(id)) return;
    uses_[id].classes.ForEach([&](const AddressClass* of) {
      if (of->id != kNoClass) visit(of->id);
    });
  }
  const Predicate& PredicateOf(PredicateId id) const { return table_.At(id); }

  // All stamped entries, for people.
  std::map<Cidr, ClassId> Entries() const;
  size_t class_count() const { return classes_.size(); }
  size_t entry_count() const { return entries_.size(); }

 private:
  struct AddressClass;
  struct Entry {
    uint32_t blocks = 0;  // ipBlocks that have it as cidr or except
    uint32_t pods = 0;    // that have it. Invariant: as the store says (Refresh)
    AddressClass* of = nullptr;
    uint32_t place = 0;       // among the members of its class
    uint32_t changed_in = 0;  // equal to revision_: is in changes_ already
  };
  using EntryNode = PrefixMap<Entry>::Node;
  struct AddressClass {
    PredicateSet predicates;
    boost::container::small_vector<EntryNode*, 2> members;
    // The member with the smallest hash; null: look for it. Invariant: never anybody else. It
    // leaves with a chance of 1 in the size, so that looking for the next costs a constant.
    EntryNode* first = nullptr;
    uint64_t first_hash = 0;  // NameHash of it, while it is known
    Cidr name;                // the member it is named by at present
    uint64_t name_hash = 0;   // NameHash of it
    ClassId id;
    bool touched = false;  // is in touched_ already
    // During Extend only: members that are yet to be extended, and where they go.
    uint32_t chosen = 0;
    AddressClass* target = nullptr;
  };
  struct Usage {
    uint32_t count = 0;
    store::SmallSet<AddressClass*> classes;  // whose predicates have it; also emptied ones
  };
  // A class as a key of OrderedIds: by its name.
  struct Named {
    AddressClass* of = nullptr;
    friend bool operator==(const Named& a, const Named& b) { return a.of == b.of; }
    friend bool operator<(const Named& a, const Named& b) { return a.of->name < b.of->name; }
  };
  struct ByPredicates {
    static const PredicateSet& KeyOf(const AddressClass& of) { return of.predicates; }
    static uint64_t HashOf(const PredicateSet& set);
  };

  bool IsUsed(PredicateId id) const { return uses_[id].count > 0; }
  void Use(PredicateId id);
  void AddPodPredicate(PredicateId id);
  void AddBlock(PredicateId id, const store::IpBlock& block);
  void RemovePodPredicate(PredicateId id);
  void RemoveBlock(PredicateId id, const store::IpBlock& block);
  bool HasPodPredicate(const PredicateSet& predicates) const;
  // A prefix has an entry while an ipBlock names it, or a pod has it that is local or that some
  // predicate holds for.
  void Refresh(const Cidr& prefix, const PredicateTable::OfAddress& of);
  void Refresh(const Cidr& prefix);
  void AppendBlocks(const Cidr& prefix, PredicateSet& holding) const;
  bool Covers(PredicateId block, const Cidr& prefix) const;

  static bool GoesFirst(const Cidr& a, const Cidr& b);
  // The functions from here on are in class_naming.cc.
  // Adds (or takes) one predicate for many entries, moving whole classes without touching members.
  void Extend(const std::vector<EntryNode*>& entries, PredicateId id);
  void Shrink(PredicateId id);
  void Rekey(AddressClass& of, PredicateSet predicates);
  AddressClass& ClassFor(const PredicateSet& predicates);
  void Move(EntryNode& entry, AddressClass* to);
  static void AddMember(AddressClass& of, EntryNode& entry);
  static void RemoveMember(AddressClass& of, EntryNode& entry);
  static const Cidr& FirstMember(AddressClass& of);
  void DropIfEmpty(AddressClass& of);
  void Touch(AddressClass& of);
  void Changed(EntryNode& entry);

  PredicateTable& table_;  // borrowed; holds one reference a use

  ByPredicate<Usage> uses_;
  std::map<Cidr, std::set<PredicateId>> blocks_by_cidr_;
  std::map<std::pair<IpFamily, uint8_t>, uint32_t> block_lengths_;  // how many cidrs have it

  PrefixMap<Entry> entries_;
  store::OwnedSet<std::unique_ptr<AddressClass>, ByPredicates> classes_;
  OrderedIds<Named> ids_;

  std::vector<AddressClass*> touched_;  // members or predicates changed
  uint32_t revision_ = 1;               // one more after every TakeChanges
  ClassChanges changes_;
};

}  // namespace sluice::policy
