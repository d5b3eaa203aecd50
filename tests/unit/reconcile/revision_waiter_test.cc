#include "agent/reconcile/revision_waiter.h"

#include <gtest/gtest.h>

namespace sluice::reconcile {
namespace {

TEST(RevisionWaiterTest, RunsWhenItsRevisionOrALaterOneIsInstalled) {
  RevisionWaiter waiter;
  std::string order;
  waiter.Await({3}, [&] { order += "3"; });
  waiter.Await({1}, [&] { order += "1"; });
  waiter.Await({7}, [&] { order += "7"; });
  waiter.OnInstalled({0});
  EXPECT_EQ(order, "");
  waiter.OnInstalled({5});
  EXPECT_EQ(order, "31");
  waiter.OnInstalled({7});
  EXPECT_EQ(order, "317");
  waiter.OnInstalled({7});
  EXPECT_EQ(order, "317") << "each runs once";
}

TEST(RevisionWaiterTest, ACancelledWaiterNeverRuns) {
  RevisionWaiter waiter;
  bool ran = false;
  const WaiterId id = waiter.Await({1}, [&] { ran = true; });
  EXPECT_TRUE(waiter.Cancel(id));
  EXPECT_FALSE(waiter.Cancel(id));
  waiter.OnInstalled({1});
  EXPECT_FALSE(ran);
}

TEST(RevisionWaiterTest, CancellingWhatRanSaysSo) {
  RevisionWaiter waiter;
  const WaiterId id = waiter.Await({1}, [] {});
  waiter.OnInstalled({1});
  EXPECT_FALSE(waiter.Cancel(id));
}

TEST(RevisionWaiterTest, AWaiterMayAwaitAgain) {
  RevisionWaiter waiter;
  int runs = 0;
  waiter.Await({1}, [&] { waiter.Await({2}, [&] { ++runs; }); });
  waiter.OnInstalled({1});
  EXPECT_EQ(runs, 0);
  waiter.OnInstalled({2});
  EXPECT_EQ(runs, 1);
}

}  // namespace
}  // namespace sluice::reconcile
