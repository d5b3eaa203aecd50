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
// Pure. Changes are collected until TakeChanges().
#pragma once

#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "agent/policy/ordered_ids.h"
#include "agent/policy/predicate.h"
#include "agent/policy/predicate_set.h"
#include "agent/policy/prefix_map.h"
#include "agent/policy/scope_index.h"
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
  explicit AddressClasses(const store::ClusterStore& store);

  // Counted: a predicate is in use until it was released as often as it was acquired.
  PredicateId Acquire(const Predicate& predicate);
  void AcquireAgain(PredicateId id) { ++Use(id).count; }
  void Release(PredicateId id);

  // The store has changed the pod from `before` to `after` already.
  void OnPodChanged(const store::PodChange& change);
  // The labels of a namespace changed, or it came or went.
  void OnNamespaceChanged(const std::string& ns);

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
    if (id.value >= predicates_.size() || predicates_[id.value] == nullptr) return;
    predicates_[id.value]->second.classes.ForEach([&](const AddressClass* of) {
      if (of->id != kNoClass) visit(of->id);
    });
  }
  const Predicate& PredicateOf(PredicateId id) const { return predicates_[id.value]->first; }

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
    Cidr name;  // the member it is named by at present
    ClassId id;
    bool touched = false;  // is in touched_ already
    // During Extend only: members that are yet to be extended, and where they go.
    uint32_t chosen = 0;
    AddressClass* target = nullptr;
  };
  struct InUse {
    PredicateId id;
    uint32_t count = 0;
    store::SmallSet<AddressClass*> classes;
  };
  // Classes are equal by predicates; looked up by a set that may have no class yet.
  struct ClassHash {
    using is_transparent = void;
    size_t operator()(const PredicateSet& set) const;
    size_t operator()(const std::unique_ptr<AddressClass>& of) const {
      return (*this)(of->predicates);
    }
  };
  struct SameClass {
    using is_transparent = void;
    using Owned = std::unique_ptr<AddressClass>;
    bool operator()(const Owned& a, const Owned& b) const { return a == b; }
    bool operator()(const PredicateSet& a, const Owned& b) const { return a == b->predicates; }
    bool operator()(const Owned& a, const PredicateSet& b) const { return a->predicates == b; }
  };

  InUse& Use(PredicateId id) { return predicates_[id.value]->second; }
  PredicateId TakeId();
  void AddPodPredicate(PredicateId id);
  void AddBlock(PredicateId id, const store::IpBlock& block);
  void RemovePodPredicate(PredicateId id);
  void RemoveBlock(PredicateId id, const store::IpBlock& block);
  // Calls visit(const store::PodState&) for the pods it holds for.
  template <typename Visit>
  void ForEachPodOf(const Predicate& predicate, Visit visit) const;

  // The pod predicates that hold for this address of a pod are appended.
  void Evaluate(const store::PodState& pod, const IpAddress& address, PredicateSet& holding) const;
  bool HasPodPredicate(const PredicateSet& predicates) const;
  // Brings an address into the class of what holds for it now. It has an entry while an ipBlock
  // names it, or a pod has it that is local or that some predicate holds for.
  void Refresh(const Cidr& prefix);
  void RefreshPod(const store::PodState& pod);
  // What the pods of an address satisfy; absent: none of them needs an entry.
  std::optional<PredicateSet> OfPods(const store::PodList& pods, const IpAddress& address) const;
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

  const store::ClusterStore& store_;  // borrowed

  std::unordered_map<Predicate, InUse, PredicateHash> in_use_;
  std::vector<std::pair<const Predicate, InUse>*> predicates_;  // by id; null: not in use
  std::vector<PredicateId> free_ids_;
  // Ids that emptied classes may still list: free once the changes are taken.
  std::vector<PredicateId> released_ids_;
  ScopeIndex<PredicateId> pod_predicates_;  // all but the ipBlocks
  std::map<Cidr, std::set<PredicateId>> blocks_by_cidr_;
  std::map<std::pair<IpFamily, uint8_t>, uint32_t> block_lengths_;  // how many cidrs have it

  PrefixMap<Entry> entries_;
  std::unordered_set<std::unique_ptr<AddressClass>, ClassHash, SameClass> classes_;
  OrderedIds<Cidr> ids_;
  boost::unordered_flat_map<ClassId, AddressClass*, std::hash<ClassId>> class_by_id_;

  std::vector<AddressClass*> touched_;  // members or predicates changed
  uint32_t revision_ = 1;               // one more after every TakeChanges
  ClassChanges changes_;
};

}  // namespace sluice::policy
