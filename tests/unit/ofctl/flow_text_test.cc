#include <gtest/gtest.h>

#include "tests/unit/ofctl/sample_flows.h"

namespace sluice::ofctl {
namespace {

TEST(FlowTextTest, IsTheLineOfOvsOfctl) {
  for (const SampleFlow& sample : AllSamples()) EXPECT_EQ(ToString(sample.flow), sample.text);
}

TEST(FlowTextTest, NamesTablesLikeTheNamesOption) {
  const TableName name = [](uint8_t table) -> std::string_view {
    return table == 0 ? "Classifier" : table == 60 ? "EgressRule" : "";
  };
  const Flow flow{{0, 5, Match()}, {0, {GotoTable{60}}}};
  EXPECT_EQ(ToString(flow, name), "table=Classifier, priority=5 actions=goto_table:EgressRule");
  const Flow unnamed{{7, 5, Match()}, {0, {GotoTable{8}}}};
  EXPECT_EQ(ToString(unnamed, name), "table=7, priority=5 actions=goto_table:8");
}

TEST(FlowTextTest, KeyIsAlwaysWhole) {
  EXPECT_EQ(ToString(FlowKey{0, 0x8000, Match()}), "table=0, priority=32768");
  EXPECT_EQ(ToString(FlowKey{60, 100, Match().Exact(Field::kReg5, 3)}),
            "table=60, priority=100,reg5=0x3");
}

TEST(FlowTextTest, ExactCtStateListsItsFlags) {
  EXPECT_EQ(Match().Exact(Field::kCtState, kCtNew | kCtTrk).ToString(), "ct_state=new|trk");
  EXPECT_EQ(Match().Exact(Field::kCtState, 0).ToString(), "ct_state=0");
}

}  // namespace
}  // namespace sluice::ofctl
