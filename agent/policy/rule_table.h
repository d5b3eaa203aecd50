// RuleTable: the rules of one direction that apply on this node, and what refers to what.
//
// Rules that say the same are one rule with several origins. Ids and bands are functions of the
// present rules (OrderedIds; linear hashing), not of their arrival. Pure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "agent/policy/ordered_ids.h"
#include "agent/policy/rule.h"

namespace sluice::policy {

// A priority band: conjunction actions of rules in different bands never share a flow, so that no
// flow carries more of them than a message can hold.
using Band = StrongId<struct BandTag, uint16_t>;

// On average. With a stable hash over this few, a band that reaches the limit of 1,000 conjunction
// actions a flow (ofctl::kMaxConjunctionsPerFlow) is beyond any chance; the renderer checks it.
inline constexpr size_t kRulesPerBand = 300;
inline constexpr uint16_t kMaxBands = 400;

struct RuleChanges {
  std::set<RuleId> rules;  // new, gone, or in another band
  // Whose classes carry other rules now; may have been released meanwhile.
  std::set<PredicateId> subjects;
  std::set<PredicateId> peers;
  std::set<ServiceMatch> services;  // that other rules refer to now
};

class RuleTable {
 public:
  RuleTable();

  // `key` is the rule in words: the same for equal rules in every process. True if it is new, so
  // that the table now holds the rule's references to its predicates; an equal rule that is known
  // only gains an origin.
  enum class Added : uint8_t { kNew, kKnown };
  Added Add(const std::string& key, const Rule& rule, const RuleOrigin& origin);
  // The rule is returned if that was its last origin.
  std::optional<Rule> Remove(const std::string& key, const RuleOrigin& origin);

  RuleChanges TakeChanges();

  const Rule* Find(RuleId id) const;
  const std::set<RuleOrigin>& OriginsOf(RuleId id) const;
  const std::string& KeyOf(RuleId id) const { return *by_id_.at(id)->key; }
  Band BandOf(RuleId id) const;
  std::vector<RuleId> BySubject(PredicateId id) const;
  std::vector<RuleId> ByPeer(PredicateId id) const;
  std::vector<RuleId> ByService(const ServiceMatch& service) const;

  std::vector<RuleId> Ids() const;
  size_t size() const { return rules_.size(); }

  // Rows point at each other.
  RuleTable(const RuleTable&) = delete;
  RuleTable& operator=(const RuleTable&) = delete;

 private:
  struct Row {
    const std::string* key = nullptr;  // in rules_
    Rule rule;
    std::set<RuleOrigin> origins;
    RuleId id;
    uint64_t hash = 0;  // of the key
  };
  // A row as a key of OrderedIds: ordered by its text.
  struct Named {
    Row* row;
    friend bool operator==(const Named& a, const Named& b) { return a.row == b.row; }
    friend bool operator<(const Named& a, const Named& b) { return *a.row->key < *b.row->key; }
  };
  using Rows = std::unordered_set<Row*>;

  void Index(Row& row);
  void Unindex(Row& row);
  void Touch(const Row& row);
  void Renamed(const std::vector<Named>& rows);
  // The number of bands follows the number of rules: one band at most is split, or joined again.
  void Reband(size_t before);
  static std::vector<RuleId> IdsOf(const Rows& rows);

  std::unordered_map<std::string, Row> rules_;  // nodes are stable: rows are pointed at
  OrderedIds<Named> ids_;
  std::unordered_map<RuleId, Row*> by_id_;
  std::unordered_map<PredicateId, Rows> by_subject_;
  std::unordered_map<PredicateId, Rows> by_peer_;
  std::map<ServiceMatch, Rows> by_service_;
  // Invariant: band b holds the rows of which BandFor says b.
  std::vector<Rows> bands_;
  RuleChanges changes_;
};

// The band of a rule among `rules` rules, by linear hashing: one rule more splits at most one band.
Band BandFor(uint64_t hash, size_t rules);

}  // namespace sluice::policy
