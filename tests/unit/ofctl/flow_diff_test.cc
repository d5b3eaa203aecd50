#include "ofctl/flow_diff.h"

#include <gtest/gtest.h>

#include <random>

namespace sluice::ofctl {
namespace {

// Few keys and bodies, so that maps share keys, bodies, both and neither.
FlowMap RandomFlows(std::mt19937& random) {
  FlowMap flows;
  for (size_t count = random() % 40; count > 0; --count) {
    const FlowKey key{static_cast<uint8_t>(random() % 3), static_cast<uint16_t>(random() % 3),
                      Match().Exact(Field::kReg0, random() % 4)};
    flows[key] = {random() % 2, {Output{static_cast<uint32_t>(random() % 3)}}};
  }
  return flows;
}

TEST(FlowDiffTest, AppliedItGivesWhatIsDesired) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    const FlowMap desired = RandomFlows(random);
    const FlowMap installed = RandomFlows(random);
    FlowMap result = installed;
    Apply(Diff(desired, installed), result);
    ASSERT_EQ(result, desired) << "round " << round;
  }
}

TEST(FlowDiffTest, HoldsNothingThatIsAlreadyThere) {
  std::mt19937 random(2);
  for (int round = 0; round < 200; ++round) {
    const FlowMap desired = RandomFlows(random);
    const FlowMap installed = RandomFlows(random);
    EXPECT_TRUE(Diff(desired, desired).empty());
    for (const Flow& flow : Diff(desired, installed).set) {
      const auto present = installed.find(flow.key);
      EXPECT_TRUE(present == installed.end() || present->second != flow.body);
    }
    for (const FlowKey& key : Diff(desired, installed).remove) {
      EXPECT_TRUE(installed.contains(key));
    }
  }
}

TEST(FlowDiffTest, ForeignActionIsAlwaysReplaced) {
  const FlowKey key{1, 2, Match()};
  const FlowMap desired = {{key, {0, {Output{1}}}}};
  const FlowMap installed = {{key, {0, {Output{1}, Foreign{"idle_timeout=5"}}}}};
  const FlowDelta delta = Diff(desired, installed);
  EXPECT_TRUE(delta.remove.empty());
  ASSERT_EQ(delta.set.size(), 1u);
  EXPECT_EQ(delta.set[0].body, desired.at(key));
}

}  // namespace
}  // namespace sluice::ofctl
