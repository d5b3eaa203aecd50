#include "agent/policy/by_predicate.h"

#include <gtest/gtest.h>

namespace sluice::policy {
namespace {

TEST(ByPredicateTest, HasAValueForEveryPredicate) {
  ByPredicate<int> values;
  const ByPredicate<int>& same = values;
  EXPECT_EQ(same[{1'000}], 0);
  values[{3}] = 30;
  values[{500}] = 5'000;
  EXPECT_EQ(same[{3}], 30);
  EXPECT_EQ(same[{4}], 0);
  EXPECT_EQ(same[{500}], 5'000);
}

}  // namespace
}  // namespace sluice::policy
