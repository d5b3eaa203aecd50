#include "tests/conformance/sample.h"

#include <gtest/gtest.h>

namespace sluice::conformance {
namespace {

TEST(SampleTest, TakesTheFirstOfEverySoMany) {
  std::vector<Case> cases(7);
  for (size_t i = 0; i < cases.size(); ++i) cases[i].id = std::to_string(i);
  const auto share = ParseShare("2/3");
  ASSERT_TRUE(share.ok());
  std::string ids;
  for (const Case& one : SampleOf(cases, *share)) ids += one.id;
  EXPECT_EQ(ids, "01346");
}

TEST(SampleTest, WhatIsNoShareIsAnError) {
  for (const char* text : {"", "1", "0/1", "2/1", "1/0", "a/b", "1/2/3", "-1/2"}) {
    EXPECT_FALSE(ParseShare(text).ok()) << text;
  }
}

}  // namespace
}  // namespace sluice::conformance
