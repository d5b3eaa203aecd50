// RuleTable: the rules of one direction that apply on this node, and what refers to what.
//
// Rules that say the same are one rule with several origins. Ids and bands are functions of the
// present rules (OrderedIds; linear hashing), not of their arrival. Pure.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/policy/by_predicate.h"
#include "agent/policy/ordered_ids.h"
#include "agent/policy/rule.h"
#include "agent/store/owned_set.h"
#include "agent/store/small_set.h"

namespace sluice::policy {

// A priority band: conjunction actions of rules in different bands never share a flow, so that no
// flow carries more of them than a message can hold.
using Band = StrongId<struct BandTag, uint16_t>;

// On average. With a stable hash over this few, a band that reaches the limit of 1,000 conjunction
// actions a flow (ofctl::kMaxConjunctionsPerFlow) is beyond any chance; the renderer checks it.
inline constexpr size_t kRulesPerBand = 300;
inline constexpr uint16_t kMaxBands = 400;

// Sorted, unique.
struct RuleChanges {
  std::vector<RuleId> rules;  // new, gone, or in another band
  // Whose classes carry other rules now; may have been released meanwhile.
  std::vector<PredicateId> subjects;
  std::vector<PredicateId> peers;
  std::vector<ServiceMatch> services;  // that other rules refer to now
};

class RuleTable {
  struct Row;

 public:
  RuleTable();
  ~RuleTable();
  // Rows point at each other.
  RuleTable(const RuleTable&) = delete;
  RuleTable& operator=(const RuleTable&) = delete;

  // Names a rule while it is in the table.
  using Handle = const Row*;

  // One more origin for a rule that the table has already; null if it has not.
  Handle Join(const Rule& rule, const RuleOrigin& origin);
  // A rule that the table has not. It holds the rule's references to its predicates from now on.
  // `words` say the same for equal rules in every process, and for no others.
  Handle Insert(Rule rule, std::string_view words, const RuleOrigin& origin);
  // The rule is returned if that was its last origin.
  std::optional<Rule> Remove(Handle handle, const RuleOrigin& origin);

  RuleChanges TakeChanges();

  // Null if there is no such rule (any more).
  const Rule* Find(RuleId id) const;
  // Sorted; none if there is no such rule (any more).
  std::vector<RuleOrigin> OriginsOf(RuleId id) const;
  // Of a rule that there is; neither looks at the rule itself.
  Band BandOf(RuleId id) const;
  uint8_t DimensionsOf(RuleId id) const;
  std::vector<RuleId> BySubject(PredicateId id) const;
  std::vector<RuleId> ByPeer(PredicateId id) const;
  std::vector<RuleId> ByService(const ServiceMatch& service) const;

  std::vector<RuleId> Ids() const;
  size_t size() const { return rows_.size(); }

 private:
  struct OriginHash {
    size_t operator()(const RuleOrigin& origin) const;
  };
  struct Row {
    Rule rule;
    store::SmallSet<RuleOrigin, OriginHash> origins;
    RuleId id;
    // Of the words; the second one tells apart what shares the first.
    uint64_t hash = 0;
    uint64_t second_hash = 0;
    size_t place = 0;  // in its band
  };
  struct ByRule {
    static const Rule& KeyOf(const Row& row) { return row.rule; }
    static uint64_t HashOf(const Rule& rule);
  };
  // A row as a key of OrderedIds: ordered by its words. A flow that many rules share is made of
  // what is here: rows lie all over the memory. Invariant: as the row says, which never changes it.
  struct Named {
    explicit Named(Row* named)
        : row(named), hash(named->hash), dimensions(named->rule.dimensions()) {}

    Row* row;
    uint64_t hash;
    uint8_t dimensions;
    friend bool operator==(const Named& a, const Named& b) { return a.row == b.row; }
    friend bool operator<(const Named& a, const Named& b) {
      return std::pair(a.hash, a.row->second_hash) < std::pair(b.hash, b.row->second_hash);
    }
  };
  using RuleIds = store::SmallSet<RuleId>;
  struct ServiceHash {
    size_t operator()(const ServiceMatch& service) const;
  };

  // Under the id it has.
  void Index(const Row& row);
  void Unindex(const Row& row);
  void Touch(const Row& row);
  void Renamed(const std::vector<Named>& rows);
  // The number of bands follows the number of rules: one band at most is split, or joined again.
  void Reband(size_t before);
  const Row* RowOf(RuleId id) const;
  const Named& NamedBy(RuleId id) const;
  static std::vector<RuleId> Sorted(const RuleIds& ids);
  void EnterBand(Row& row, Band band);
  void LeaveBand(Row& row, Band band);

  store::OwnedSet<std::unique_ptr<Row>, ByRule> rows_;
  OrderedIds<Named> ids_;
  ByPredicate<RuleIds> by_subject_;
  ByPredicate<RuleIds> by_peer_;
  boost::unordered_flat_map<ServiceMatch, RuleIds, ServiceHash> by_service_;  // never empty
  // Invariant: band b holds the rows of which BandFor says b, each in its place.
  std::vector<std::vector<Row*>> bands_;
  RuleChanges changes_;
};

// The band of a rule among `rules` rules, by linear hashing: one rule more splits at most one band.
Band BandFor(uint64_t hash, size_t rules);

}  // namespace sluice::policy
