// What of the figures is exact: flow-mods, flows, verdicts. Never time.
#include <gtest/gtest.h>

#include "tests/bench/events.h"
#include "tests/bench/extremes.h"
#include "tests/bench/wide_policy.h"

namespace sluice::bench {
namespace {

TEST(WidePolicyTest, PeersToldApartBeforeCostNothingEach) {
  EXPECT_EQ(WidePolicy(10'000, Clients::kToldApart)["flow-mods"], 10);
  EXPECT_EQ(WidePolicy(100, Clients::kToldApart)["flow-mods"], 10);
}

TEST(WidePolicyTest, PeersNeverSeenCostOneStampEach) {
  EXPECT_EQ(WidePolicy(10'000, Clients::kUnknown)["flow-mods"], 10'009);
}

TEST(ExtremesTest, EveryVerdictIsExact) {
  EXPECT_EQ(DistinctRules(3'000)["wrong"], 0);
  EXPECT_EQ(WideRule(3'000)["wrong"], 0);
  EXPECT_EQ(ManyPorts(1'000)["wrong"], 0);
}

TEST(ExtremesTest, FlowsAreProportionalToWhatIsSaid) {
  EXPECT_EQ(WideRule(10'000)["flows"] - WideRule(5'000)["flows"], 5'000 * 3);
}

TEST(ExtremesTest, PoliciesThatSayTheSameShareFlows) {
  EXPECT_EQ(SamePolicies(1'000)["beyond"], 0);
}

TEST(EventTest, AnEventCostsAHandfulOfFlowMods) {
  Node node;
  for (const auto& [kind, cost] : EventCosts(node, NodeViewOf(20'000), {.count = 60})) {
    if (kind == "namespace relabelled") continue;  // as many as it has pods
    EXPECT_LE(Percentile(cost.flow_mods, 0.5), 20) << kind;
  }
}

}  // namespace
}  // namespace sluice::bench
