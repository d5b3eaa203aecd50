#include "agent/policy/rule_table.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ofctl/base/hash.h"

namespace sluice::policy {
namespace {

using store::Direction;

// The n-th of the rules here: about a subject and a peer of its own.
Rule RuleOf(uint32_t n) { return {{n}, PredicateSet{{n + 1}}, {}}; }

std::string WordsOf(uint32_t n) { return "rule " + std::to_string(n); }

RuleOrigin From(const std::string& policy) { return {{"shop", policy}, Direction::kIngress, 0}; }

RuleTable::Handle Add(RuleTable& table, uint32_t n) {
  return table.Insert(RuleOf(n), WordsOf(n), From("p"));
}

TEST(RuleTableTest, EqualRulesAreOneWithSeveralOrigins) {
  RuleTable table;
  EXPECT_EQ(table.Join(RuleOf(1), From("a")), nullptr);
  const RuleTable::Handle rule = table.Insert(RuleOf(1), WordsOf(1), From("b"));
  EXPECT_EQ(table.Join(RuleOf(1), From("a")), rule);
  ASSERT_EQ(table.size(), 1u);
  const RuleId id = table.Ids().front();
  EXPECT_EQ(table.OriginsOf(id), (std::vector{From("a"), From("b")}));
  EXPECT_FALSE(table.Remove(rule, From("a")).has_value());
  EXPECT_NE(table.Find(id), nullptr);
  EXPECT_EQ(table.Remove(rule, From("b")), RuleOf(1));
  EXPECT_EQ(table.Find(id), nullptr);
  EXPECT_EQ(table.size(), 0u);
}

TEST(RuleTableTest, IdsAreAFunctionOfTheRules) {
  RuleTable forward;
  RuleTable backward;
  for (const uint32_t n : {1, 2, 3}) Add(forward, n);
  const RuleTable::Handle gone = Add(backward, 9);
  for (const uint32_t n : {3, 2, 1}) Add(backward, n);
  backward.Remove(gone, From("p"));
  EXPECT_EQ(forward.Ids(), backward.Ids());
  EXPECT_GE(forward.Ids().front().value, 1u);
}

TEST(RuleTableTest, ChangesNameTheRuleAndWhatItRefersTo) {
  RuleTable table;
  Rule rule = RuleOf(1);
  rule.services = {{store::Protocol::kTcp, {80, 0xffff}}};
  const RuleTable::Handle handle = table.Insert(rule, "k", From("a"));
  const RuleChanges changes = table.TakeChanges();
  EXPECT_EQ(changes.rules.size(), 1u);
  EXPECT_EQ(changes.subjects, (std::vector<PredicateId>{{1}}));
  EXPECT_EQ(changes.peers, (std::vector<PredicateId>{{2}}));
  EXPECT_EQ(changes.services.size(), 1u);
  table.Join(rule, From("b"));
  EXPECT_TRUE(table.TakeChanges().rules.empty());
  table.Remove(handle, From("a"));
  EXPECT_TRUE(table.TakeChanges().rules.empty());
  table.Remove(handle, From("b"));
  EXPECT_EQ(table.TakeChanges().rules, changes.rules);
}

TEST(RuleTableTest, FindsRulesByWhatTheyReferTo) {
  RuleTable table;
  const RuleTable::Handle one = Add(table, 1);
  Add(table, 2);
  EXPECT_EQ(table.BySubject({2}).size(), 1u);
  EXPECT_EQ(table.ByPeer({2}), table.BySubject({1}));
  table.Remove(one, From("p"));
  EXPECT_TRUE(table.ByPeer({2}).empty());
  EXPECT_TRUE(table.BySubject({1}).empty());
}

// Two rules whose words want one id.
std::pair<uint32_t, uint32_t> CollidingRules() {
  std::map<uint64_t, uint32_t> by_slot;
  for (uint32_t n = 0;; ++n) {
    const auto [known, fresh] = by_slot.try_emplace(StableHash(WordsOf(n)) % kRuleIdSlots, n);
    if (!fresh) return {known->second, n};
  }
}

// Invariant: the indexes say the ids that rules have now.
TEST(RuleTableTest, IndexesFollowARuleWhoseIdAnotherOneTakes) {
  const auto [one, other] = CollidingRules();
  for (const auto& [first, second] : {std::pair(one, other), std::pair(other, one)}) {
    RuleTable table;
    const auto add = [&table](uint32_t n) {
      return table.Insert({{n}, PredicateSet{{7}}, {}}, WordsOf(n), From("p"));
    };
    const auto subject_of_its_rule = [&table](uint32_t n) {
      return table.Find(table.BySubject({n}).front())->subject;
    };
    const RuleTable::Handle gone = add(first);
    add(second);
    EXPECT_EQ(subject_of_its_rule(first), PredicateId{first});
    EXPECT_EQ(subject_of_its_rule(second), PredicateId{second});
    EXPECT_EQ(table.ByPeer({7}), table.Ids());
    table.Remove(gone, From("p"));
    EXPECT_EQ(subject_of_its_rule(second), PredicateId{second});
    EXPECT_EQ(table.ByPeer({7}), table.Ids());
  }
}

TEST(RuleTableTest, CountsTheDimensionsOfARule) {
  RuleTable table;
  Rule rule{{1}, std::nullopt, std::nullopt};
  table.Insert(rule, "any", From("p"));
  EXPECT_EQ(table.DimensionsOf(table.BySubject({1}).front()), 1);
  rule = {{2}, PredicateSet{{3}}, {{{store::Protocol::kTcp, {80, 0xffff}}}}};
  table.Insert(rule, "some", From("p"));
  EXPECT_EQ(table.DimensionsOf(table.BySubject({2}).front()), 3);
}

// Only in what the peers or the services are: rules all the same.
TEST(RuleTableTest, TellsRulesApartByAllTheySay) {
  RuleTable table;
  const std::vector<Rule> rules = {
      {{1}, std::nullopt, std::nullopt},
      {{1}, PredicateSet{{2}}, std::nullopt},
      {{1}, PredicateSet{{2}, {3}}, std::nullopt},
      {{1}, std::nullopt, std::vector<ServiceMatch>{{store::Protocol::kTcp, {80, 0xffff}}}},
      {{1}, std::nullopt, std::vector<ServiceMatch>{{store::Protocol::kUdp, {80, 0xffff}}}},
      {{1},
       std::nullopt,
       std::vector<ServiceMatch>{ServiceMatch::LaterFragmentsOf(store::Protocol::kTcp)}}};
  for (size_t i = 0; i < rules.size(); ++i) {
    EXPECT_EQ(table.Join(rules[i], From("p")), nullptr) << i;
    table.Insert(rules[i], WordsOf(static_cast<uint32_t>(i)), From("p"));
  }
  EXPECT_EQ(table.size(), rules.size());
}

TEST(RuleTableTest, ARuleThatChangesItsBandIsReported) {
  constexpr uint32_t kRules = 3 * kRulesPerBand + 10;
  RuleTable table;
  std::map<RuleId, Band> bands;
  size_t moved = 0;
  // Those that are in another band than before, and no others.
  const auto check = [&](RuleId changed) {
    const RuleChanges changes = table.TakeChanges();
    const std::set<RuleId> reported(changes.rules.begin(), changes.rules.end());
    std::map<RuleId, Band> now;
    for (const RuleId id : table.Ids()) now[id] = table.BandOf(id);
    for (const auto& [id, band] : now) {
      const bool other = bands.contains(id) && bands.at(id) != band;
      EXPECT_EQ(reported.contains(id), other || id == changed) << id.value;
      moved += other ? 1 : 0;
    }
    bands = std::move(now);
  };
  std::vector<std::pair<RuleTable::Handle, RuleId>> rules;
  for (uint32_t n = 0; n < kRules; ++n) {
    const RuleTable::Handle rule = Add(table, n);
    rules.emplace_back(rule, table.BySubject({n}).front());
    check(rules.back().second);
  }
  EXPECT_GT(moved, kRulesPerBand);
  moved = 0;
  for (; !rules.empty(); rules.pop_back()) {
    table.Remove(rules.back().first, From("p"));
    check(rules.back().second);
  }
  EXPECT_GT(moved, kRulesPerBand);
}

// Linear hashing: growth splits one band at a time and moves nothing else, and bands stay far below
// what one flow may carry.
TEST(RuleTableTest, BandsSplitOneByOneAndStaySmall) {
  constexpr size_t kRules = 30'000;
  std::vector<uint64_t> hashes;
  for (size_t i = 0; i < kRules; ++i) hashes.push_back(StableHash("rule " + std::to_string(i)));
  for (const size_t rules : {size_t{1}, kRulesPerBand, size_t{1000}, size_t{10'000}, kRules}) {
    std::map<Band, size_t> sizes;
    for (size_t i = 0; i < rules; ++i) ++sizes[BandFor(hashes[i], rules)];
    for (const auto& [band, size] : sizes) {
      EXPECT_LT(size, 900u) << rules;
      EXPECT_LT(band.value, (rules + kRulesPerBand - 1) / kRulesPerBand);
    }
  }
  for (size_t bands = 1; bands < 40; ++bands) {
    const size_t rules = bands * kRulesPerBand;
    std::set<Band> from;
    for (const uint64_t hash : hashes) {
      const Band before = BandFor(hash, rules);
      const Band after = BandFor(hash, rules + 1);
      if (before == after) continue;
      from.insert(before);
      EXPECT_EQ(after.value, bands);
    }
    EXPECT_LE(from.size(), 1u) << bands;
  }
}

}  // namespace
}  // namespace sluice::policy
