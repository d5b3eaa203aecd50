#include "agent/policy/ordered_ids.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <set>

#include "ofctl/base/hash.h"

namespace sluice::policy {
namespace {

using Ids = OrderedIds<int>;

uint64_t Mixed(const int& key) { return MixBits(static_cast<uint64_t>(key)); }
uint64_t LastSlot(const int&) { return 6; }  // of seven: everything wraps around

std::map<int, uint32_t> AllOf(const Ids& ids, const std::set<int>& keys) {
  std::map<int, uint32_t> all;
  for (const int key : keys) all[key] = ids.Find(key).value();
  return all;
}

std::map<int, uint32_t> FromScratch(const std::set<int>& keys, uint32_t slots, Ids::Home home) {
  Ids ids(slots, std::move(home));
  std::vector<int> moved;
  for (const int key : keys) ids.Insert(key, moved);
  return AllOf(ids, keys);
}

TEST(OrderedIdsTest, IdsStartAtOneAndStayBelowTheLimit) {
  Ids ids(3, Mixed);
  std::vector<int> moved;
  std::set<uint32_t> seen;
  for (const int key : {10, 20, 30}) ids.Insert(key, moved);
  for (const int key : {10, 20, 30}) seen.insert(*ids.Find(key));
  EXPECT_EQ(seen, (std::set<uint32_t>{1, 2, 3}));
}

TEST(OrderedIdsTest, EveryOrderOfCollidingKeysEndsInOneLayoutAcrossTheWrap) {
  std::vector<int> order = {1, 2, 3, 4, 5};
  const auto expected = FromScratch({1, 2, 3, 4, 5}, 7, LastSlot);
  EXPECT_EQ(expected.at(1), 7u);
  EXPECT_EQ(expected.at(2), 1u);
  do {
    Ids ids(7, LastSlot);
    std::vector<int> moved;
    for (const int key : order) ids.Insert(key, moved);
    EXPECT_EQ(AllOf(ids, {1, 2, 3, 4, 5}), expected);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(OrderedIdsTest, ErasingClosesTheGapAcrossTheWrap) {
  Ids ids(7, LastSlot);
  std::vector<int> moved;
  for (const int key : {1, 2, 3, 4}) ids.Insert(key, moved);
  moved.clear();
  ids.Erase(1, moved);
  EXPECT_EQ(AllOf(ids, {2, 3, 4}), FromScratch({2, 3, 4}, 7, LastSlot));
  std::sort(moved.begin(), moved.end());
  EXPECT_EQ(moved, (std::vector{2, 3, 4}));
  EXPECT_EQ(ids.Find(1), std::nullopt);
}

TEST(OrderedIdsTest, ErasingTheUnknownMovesNothing) {
  Ids ids(7, LastSlot);
  std::vector<int> moved;
  ids.Insert(1, moved);
  ids.Erase(9, moved);
  EXPECT_TRUE(moved.empty());
  EXPECT_EQ(ids.size(), 1u);
}

// Any history: ids are those of the present keys from scratch, and `moved` names exactly the keys
// whose id changed.
TEST(OrderedIdsTest, HistoryLeavesNoTrace) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    const auto slots = static_cast<uint32_t>(5 + random() % 12);
    Ids ids(slots, Mixed);
    std::set<int> present;
    for (int step = 0; step < 60; ++step) {
      const int key = static_cast<int>(random() % 40);
      const auto before = AllOf(ids, present);
      std::vector<int> moved;
      if (present.erase(key) > 0) {
        ids.Erase(key, moved);
      } else if (present.size() + 1 < slots) {
        present.insert(key);
        const uint32_t id = ids.Insert(key, moved);
        EXPECT_EQ(id, ids.Find(key));
      }
      const auto after = AllOf(ids, present);
      ASSERT_EQ(after, FromScratch(present, slots, Mixed)) << "seed " << seed << " step " << step;
      std::vector<int> changed;
      for (const auto& [other, id] : after) {
        const auto was = before.find(other);
        if (was != before.end() && was->second != id) changed.push_back(other);
      }
      std::sort(moved.begin(), moved.end());
      ASSERT_EQ(moved, changed) << "seed " << seed << " step " << step;
    }
  }
}

}  // namespace
}  // namespace sluice::policy
