#include "agent/store/small_set.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <vector>

namespace sluice::store {
namespace {

template <typename T>
std::set<T> MembersOf(const SmallSet<T>& set) {
  std::set<T> members;
  set.ForEach([&](const T& value) { EXPECT_TRUE(members.insert(value).second); });
  return members;
}

TEST(SmallSetTest, SaysWhetherItChanged) {
  SmallSet<int> set;
  EXPECT_TRUE(set.Insert(1));
  EXPECT_FALSE(set.Insert(1));
  EXPECT_FALSE(set.Erase(2));
  EXPECT_TRUE(set.Erase(1));
  EXPECT_TRUE(set.empty());
}

// Up and down over the size at which members are hashed, beside a std::set.
TEST(SmallSetTest, HoldsWhatASetHolds) {
  std::mt19937 random(1);
  for (const uint32_t values : {2u, 4u, 9u, 40u}) {
    SmallSet<std::string> set;
    std::set<std::string> expected;
    for (int step = 0; step < 2'000; ++step) {
      const std::string value = std::to_string(random() % values);
      if (random() % 2 == 0) {
        ASSERT_EQ(set.Insert(value), expected.insert(value).second);
      } else {
        ASSERT_EQ(set.Erase(value), expected.erase(value) > 0);
      }
      ASSERT_EQ(set.size(), expected.size());
      ASSERT_EQ(set.Contains(value), expected.contains(value));
      ASSERT_EQ(MembersOf(set), expected);
    }
  }
}

TEST(SmallSetTest, MovesItsMembers) {
  for (const int count : {1, 100}) {
    SmallSet<int> from;
    for (int i = 0; i < count; ++i) from.Insert(i);
    const SmallSet<int> to = std::move(from);
    EXPECT_EQ(to.size(), static_cast<size_t>(count));
  }
}

}  // namespace
}  // namespace sluice::store
