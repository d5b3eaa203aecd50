#include "agent/store/owned_set.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "ofctl/base/hash.h"

namespace sluice::store {
namespace {

struct Named {
  std::string name;
  int value = 0;
};

size_t looked_at = 0;
struct ByName {
  static const std::string& KeyOf(const Named& named) {
    ++looked_at;
    return named.name;
  }
  static uint64_t HashOf(const std::string& name) { return StableHash(name); }
};
using Set = OwnedSet<std::unique_ptr<Named>, ByName>;

std::string Name(int i) { return "name-" + std::to_string(i); }
Set SetOf(int count) {
  Set set;
  for (int i = 0; i < count; ++i) set.insert(std::make_unique<Named>(Named{Name(i), i}));
  return set;
}

TEST(OwnedSetTest, FindsMembersByTheirKeyOnly) {
  Set set = SetOf(1'000);
  EXPECT_EQ(set.size(), 1'000u);
  EXPECT_EQ((*set.find(Name(7)))->value, 7);
  EXPECT_TRUE(set.find(Name(1'000)) == set.end());
  EXPECT_FALSE(set.insert(std::make_unique<Named>(Named{Name(7), 8})).second);
  set.erase(set.find(Name(7)));
  EXPECT_FALSE(set.contains(Name(7)));
}

TEST(OwnedSetTest, MembersStayWhereTheyAre) {
  Set set = SetOf(1);
  const Named* first = &**set.find(Name(0));
  for (int i = 1; i < 1'000; ++i) set.insert(std::make_unique<Named>(Named{Name(i), i}));
  EXPECT_EQ(&**set.find(Name(0)), first);
}

TEST(OwnedSetTest, AMemberMayGoOnElsewhere) {
  Set set = SetOf(10);
  const auto place = set.find(Name(3));
  std::unique_ptr<Named> released = place->Release();
  set.erase(place);
  EXPECT_EQ(released->value, 3);
  released->name = Name(30);
  set.insert(std::move(released));
  EXPECT_EQ((*set.find(Name(30)))->value, 3);
  EXPECT_FALSE(set.contains(Name(3)));
}

// Members lie all over the memory: a table that grows leaves them alone.
TEST(OwnedSetTest, GrowingLooksAtNoMember) {
  Set set = SetOf(1'000);
  looked_at = 0;
  set.rehash(10'000);
  EXPECT_EQ(looked_at, 0u);
}

}  // namespace
}  // namespace sluice::store
