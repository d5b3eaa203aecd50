#include "agent/store/sharded.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <set>

namespace sluice::store {
namespace {

constexpr int kMany = 10'000;

// Boost's tables do not keep the hashes of their members: to move one is to hash it.
size_t hashed = 0;
struct CountingHash {
  size_t operator()(int value) const {
    ++hashed;
    return static_cast<size_t>(value);
  }
};

TEST(ShardedTest, HoldsWhatWasPutInAndNothingElse) {
  Sharded<boost::unordered_flat_map<int, int>> table;
  EXPECT_TRUE(table.empty());
  EXPECT_TRUE(table.begin() == table.end());
  for (int i = 0; i < kMany; ++i) EXPECT_TRUE(table.try_emplace(i, 2 * i).second);
  EXPECT_FALSE(table.try_emplace(7, 0).second);
  EXPECT_EQ(table.size(), static_cast<size_t>(kMany));
  EXPECT_EQ(table.find(7)->second, 14);
  EXPECT_TRUE(table.find(kMany) == table.end());
  EXPECT_FALSE(table.contains(-1));
}

TEST(ShardedTest, EveryMemberIsVisitedOnce) {
  Sharded<boost::unordered_flat_set<int>> table;
  for (int i = 0; i < kMany; ++i) table.insert(i);
  const auto& same = table;
  std::set<int> visited;
  size_t visits = 0;
  for (const int member : same) {
    visited.insert(member);
    ++visits;
  }
  EXPECT_EQ(visits, static_cast<size_t>(kMany));
  EXPECT_EQ(visited.size(), visits);
}

TEST(ShardedTest, WhatIsErasedIsGoneAndTheOthersStay) {
  Sharded<boost::unordered_flat_set<int>> table;
  for (int i = 0; i < kMany; ++i) table.insert(i);
  for (int i = 0; i < kMany; i += 2) table.erase(table.find(i));
  EXPECT_EQ(table.size(), static_cast<size_t>(kMany / 2));
  EXPECT_FALSE(table.contains(0));
  EXPECT_TRUE(table.contains(1));
  for (int i = 1; i < kMany; i += 2) table.erase(table.find(i));
  EXPECT_TRUE(table.empty());
  EXPECT_TRUE(table.begin() == table.end());
}

// What it is for: the longest turn.
TEST(ShardedTest, NoInsertionMovesMoreThanASmallPartOfAll) {
  Sharded<boost::unordered_flat_set<int, CountingHash>> table;
  size_t most = 0;
  for (int i = 0; i < kMany; ++i) {
    hashed = 0;
    table.insert(i);
    most = std::max(most, hashed);
  }
  EXPECT_LT(most, static_cast<size_t>(kMany / 20));
}

}  // namespace
}  // namespace sluice::store
