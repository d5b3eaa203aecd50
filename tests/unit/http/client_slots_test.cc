#include "agent/http/client_slots.h"

#include <gtest/gtest.h>

namespace sluice::http {
namespace {

TEST(ClientSlotsTest, OneClientCannotTakeThemAll) {
  ClientSlots slots({.total = 4, .per_client = 2});
  const auto first = slots.Admit("10.244.0.9");
  ASSERT_TRUE(slots.Admit("10.244.0.9"));
  EXPECT_FALSE(slots.Admit("10.244.0.9"));
  EXPECT_TRUE(slots.Admit("10.0.0.1"));

  slots.Release(first->id);
  EXPECT_TRUE(slots.Admit("10.244.0.9"));
}

TEST(ClientSlotsTest, WhenAllAreTakenTheOneServedLongestAgoMakesRoom) {
  ClientSlots slots({.total = 3, .per_client = 1});
  const auto scraper = slots.Admit("a");
  const auto silent = slots.Admit("b");
  const auto other = slots.Admit("c");
  slots.Served(scraper->id);

  const auto probe = slots.Admit("d");
  ASSERT_TRUE(probe);
  EXPECT_EQ(probe->evicted, silent->id);
  EXPECT_EQ(slots.Admit("e")->evicted, other->id);
  EXPECT_EQ(slots.Admit("f")->evicted, scraper->id);
  EXPECT_EQ(slots.size(), 3U);
}

TEST(ClientSlotsTest, AnEvictedSlotIsReleasedOnce) {
  ClientSlots slots({.total = 1, .per_client = 1});
  const auto first = slots.Admit("a");
  const auto second = slots.Admit("b");
  slots.Release(first->id);
  slots.Served(first->id);
  EXPECT_EQ(slots.size(), 1U);
  EXPECT_FALSE(slots.Admit("b"));
  EXPECT_EQ(slots.Admit("a")->evicted, second->id);
}

}  // namespace
}  // namespace sluice::http
