#include "agent/policy/rule_table.h"

#include <gtest/gtest.h>

#include <map>

#include "ofctl/base/hash.h"

namespace sluice::policy {
namespace {

using store::Direction;

Rule RuleOf(uint32_t subject) { return {{subject}, std::vector<PredicateId>{{subject + 1}}, {}}; }

RuleOrigin From(const std::string& policy) { return {{"shop", policy}, Direction::kIngress, 0}; }

TEST(RuleTableTest, EqualRulesAreOneWithSeveralOrigins) {
  RuleTable table;
  EXPECT_EQ(table.Add("k", RuleOf(1), From("a")), RuleTable::Added::kNew);
  EXPECT_EQ(table.Add("k", RuleOf(1), From("b")), RuleTable::Added::kKnown);
  ASSERT_EQ(table.size(), 1u);
  const RuleId id = table.Ids().front();
  EXPECT_EQ(table.OriginsOf(id), (std::set<RuleOrigin>{From("a"), From("b")}));
  EXPECT_FALSE(table.Remove("k", From("a")).has_value());
  EXPECT_NE(table.Find(id), nullptr);
  EXPECT_TRUE(table.Remove("k", From("b")).has_value());
  EXPECT_EQ(table.Find(id), nullptr);
  EXPECT_EQ(table.size(), 0u);
}

TEST(RuleTableTest, IdsAreAFunctionOfTheRules) {
  RuleTable forward;
  RuleTable backward;
  const std::vector<std::string> keys = {"a", "b", "c"};
  for (const auto& key : keys) forward.Add(key, RuleOf(1), From("p"));
  backward.Add("gone", RuleOf(1), From("p"));
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
    backward.Add(*key, RuleOf(1), From("p"));
  }
  backward.Remove("gone", From("p"));
  EXPECT_EQ(forward.Ids(), backward.Ids());
  EXPECT_GE(forward.Ids().front().value, 1u);
}

TEST(RuleTableTest, ChangesNameTheRuleAndWhatItRefersTo) {
  RuleTable table;
  Rule rule = RuleOf(1);
  rule.services = {{store::Protocol::kTcp, {80, 0xffff}}};
  table.Add("k", rule, From("a"));
  const RuleChanges changes = table.TakeChanges();
  EXPECT_EQ(changes.rules.size(), 1u);
  EXPECT_EQ(changes.subjects, (std::set<PredicateId>{{1}}));
  EXPECT_EQ(changes.peers, (std::set<PredicateId>{{2}}));
  EXPECT_EQ(changes.services.size(), 1u);
  table.Add("k", rule, From("b"));
  EXPECT_TRUE(table.TakeChanges().rules.empty());
  table.Remove("k", From("a"));
  EXPECT_TRUE(table.TakeChanges().rules.empty());
  table.Remove("k", From("b"));
  EXPECT_EQ(table.TakeChanges().rules, changes.rules);
}

TEST(RuleTableTest, FindsRulesByWhatTheyReferTo) {
  RuleTable table;
  table.Add("one", RuleOf(1), From("a"));
  table.Add("two", RuleOf(2), From("a"));
  EXPECT_EQ(table.BySubject({2}).size(), 1u);
  EXPECT_EQ(table.ByPeer({2}), table.BySubject({1}));
  table.Remove("one", From("a"));
  EXPECT_TRUE(table.ByPeer({2}).empty());
  EXPECT_TRUE(table.BySubject({1}).empty());
}

TEST(RuleTableTest, ARuleThatChangesItsBandIsReported) {
  constexpr size_t kRules = 3 * kRulesPerBand + 10;
  RuleTable table;
  std::map<RuleId, Band> bands;
  size_t moved = 0;
  // Those that are in another band than before, and no others.
  const auto check = [&](RuleId changed) {
    const RuleChanges changes = table.TakeChanges();
    std::map<RuleId, Band> now;
    for (const RuleId id : table.Ids()) now[id] = table.BandOf(id);
    for (const auto& [id, band] : now) {
      const bool other = bands.contains(id) && bands.at(id) != band;
      EXPECT_EQ(changes.rules.contains(id), other || id == changed) << id.value;
      moved += other ? 1 : 0;
    }
    bands = std::move(now);
  };
  std::vector<RuleId> ids;
  for (size_t i = 0; i < kRules; ++i) {
    table.Add("rule " + std::to_string(i), RuleOf(1), From("p"));
    for (const RuleId id : table.Ids()) {
      if (!bands.contains(id)) ids.push_back(id);
    }
    check(ids.back());
  }
  EXPECT_GT(moved, kRulesPerBand);
  moved = 0;
  for (size_t i = kRules; i-- > 0;) {
    table.Remove("rule " + std::to_string(i), From("p"));
    check(ids[i]);
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
