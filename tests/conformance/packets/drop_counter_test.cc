#include "tests/conformance/packets/drop_counter.h"

#include <gtest/gtest.h>

namespace sluice::conformance {
namespace {

TEST(DroppedByIsolationTest, AddsUpWhatTheIsolationFlowsDropped) {
  const auto dropped = DroppedByIsolation(
      "duration=1s, n_packets=100, priority=0,actions=goto_table:110\n"  // the Classifier's miss
      "table_id=65, duration=1s, n_packets=3, priority=100,ip,reg5=0x1,actions=goto_table:110\n"
      "table_id=65, duration=1s, n_packets=50, priority=0,actions=goto_table:70\n"
      "table_id=70, duration=1s, n_packets=7, priority=0,actions=goto_table:110\n"
      "table_id=85, duration=1s, n_packets=4, priority=100,ip,reg6=0x1,actions=goto_table:110");
  ASSERT_TRUE(dropped.ok());
  EXPECT_EQ(*dropped, 7u);
}

TEST(DroppedByIsolationTest, AFlowWithoutItsCountIsAnError) {
  EXPECT_FALSE(DroppedByIsolation("table_id=65, priority=100,actions=goto_table:110\n").ok());
}

}  // namespace
}  // namespace sluice::conformance
