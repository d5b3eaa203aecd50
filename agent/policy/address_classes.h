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
#include "ofctl/base/ip.h"
#include "ofctl/base/strong_id.h"

namespace sluice::policy {

// Names a class in the switch's registers. 0: no predicate holds.
using ClassId = StrongId<struct ClassIdTag>;

inline constexpr ClassId kNoClass{0};
// 24 bits: short to read, and sparse enough that ids of different classes hardly ever collide.
inline constexpr uint32_t kClassIdSlots = (1u << 24) - 1;

struct ClassChanges {
  std::set<Cidr> entries;     // stamped otherwise, new, or gone
  std::set<ClassId> classes;  // other predicates, new, or gone

  bool empty() const { return entries.empty() && classes.empty(); }
};

class AddressClasses {
 public:
  explicit AddressClasses(const store::ClusterStore& store);

  // Counted: a predicate is in use until it was released as often as it was acquired.
  PredicateId Acquire(const Predicate& predicate);
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
  // Ids of the classes the predicate holds for; none if it is not in use (any more).
  std::vector<ClassId> ClassesWith(PredicateId id) const;
  const Predicate& PredicateOf(PredicateId id) const { return predicates_.at(id).predicate; }

  // All stamped entries, for people.
  std::map<Cidr, ClassId> Entries() const;
  size_t class_count() const { return classes_.size(); }
  size_t entry_count() const { return entries_.size(); }

 private:
  struct AddressClass {
    PredicateSet predicates;
    std::set<std::pair<uint64_t, Cidr>> members;  // by hash: the first one names the class
    Cidr name;                                    // the member it is named by at present
    ClassId id;
  };
  struct Entry {
    std::set<store::ObjectKey> owners;  // pods with this address
    uint32_t blocks = 0;                // ipBlocks that have it as cidr or except
    AddressClass* of = nullptr;
  };
  struct InUse {
    Predicate predicate;
    uint32_t count = 0;
    std::unordered_set<AddressClass*> classes;
  };
  struct PredicateSetHash {
    size_t operator()(const PredicateSet& set) const;
  };

  void AddPodPredicate(PredicateId id);
  void AddBlock(PredicateId id, const store::IpBlock& block);
  void RemovePodPredicate(PredicateId id);
  void RemoveBlock(PredicateId id, const store::IpBlock& block);
  template <typename Visit>
  void ForEachCandidate(const Predicate& predicate, Visit visit) const;
  template <typename Visit>
  void ForEachEntryIn(const Cidr& prefix, Visit visit);

  // The pod predicates that hold for a pod.
  PredicateSet Evaluate(const store::PodState& pod) const;
  void SetPodPredicates(const store::PodState& pod, PredicateSet after);
  void Own(const Cidr& prefix, const store::ObjectKey& pod);
  void Disown(const Cidr& prefix, const store::ObjectKey& pod);
  // Brings an entry into the class of what holds for it now; drops an entry nobody needs.
  void Refresh(const Cidr& prefix);
  PredicateSet Holding(const Cidr& prefix, const Entry& entry) const;
  bool Covers(PredicateId block, const Cidr& prefix) const;

  static uint64_t HashOf(const Cidr& prefix);
  // The functions from here on are in class_naming.cc.
  // Adds (or takes) one predicate for many entries, moving whole classes without touching members.
  void Extend(const std::vector<Cidr>& prefixes, PredicateId id);
  void Shrink(PredicateId id);
  void Rekey(AddressClass& of, PredicateSet predicates);
  AddressClass& ClassFor(const PredicateSet& predicates);
  void Move(const Cidr& prefix, Entry& entry, AddressClass* to);
  void DropIfEmpty(AddressClass& of);
  void Touch(AddressClass& of) { touched_.insert(&of); }

  const store::ClusterStore& store_;  // borrowed

  uint32_t next_predicate_ = 1;
  std::unordered_map<PredicateId, InUse> predicates_;
  std::unordered_map<std::string, PredicateId> predicate_by_text_;
  std::unordered_map<std::string, std::unordered_set<PredicateId>> by_required_label_;
  std::unordered_set<PredicateId> without_required_label_;
  std::map<Cidr, std::set<PredicateId>> blocks_by_cidr_;
  std::map<std::pair<IpFamily, uint8_t>, uint32_t> block_lengths_;  // how many cidrs have it

  std::map<Cidr, Entry> entries_;
  std::map<store::ObjectKey, PredicateSet> pod_predicates_;  // never an empty set
  std::unordered_map<PredicateSet, std::unique_ptr<AddressClass>, PredicateSetHash> classes_;
  OrderedIds<Cidr> ids_;
  std::unordered_map<ClassId, AddressClass*> class_by_id_;

  std::unordered_set<AddressClass*> touched_;  // members or predicates changed
  ClassChanges changes_;
};

}  // namespace sluice::policy
