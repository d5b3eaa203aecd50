// What of the figures with a real switch is exact. Never time.
#include <gtest/gtest.h>

#include "tests/bench/restart.h"

namespace sluice::bench {
namespace {

TEST(RestartTest, AnAgentThatFindsWhatItWantsWritesNothing) {
  const Figures figures = RestartAgent(DenseNodeViewOf(5'000));
  EXPECT_GT(figures.at("flows"), 1'000);
  EXPECT_EQ(figures.at("flow-mods"), 0);
}

}  // namespace
}  // namespace sluice::bench
