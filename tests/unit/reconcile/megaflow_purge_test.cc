#include "agent/reconcile/megaflow_purge.h"

#include <gtest/gtest.h>

#include <optional>

#include "tests/fakes/manual_loop.h"

namespace sluice::reconcile {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr uint32_t kBetween = MegaflowPurge::kBetween.count();
constexpr microseconds kShort{100};

class MegaflowPurgeTest : public testing::Test {
 protected:
  // What the switch does of its own time; `begun_` counts.
  void Answer(const Result<microseconds>& took) {
    const auto done = std::exchange(done_, std::nullopt);
    ASSERT_TRUE(done) << "no purge under way";
    (*done)(took);
  }

  fakes::ManualLoop loop_;
  int begun_ = 0;
  std::optional<MegaflowPurge::Done> done_;
  MegaflowPurge purge_{[this](MegaflowPurge::Done done) {
                         ++begun_;
                         done_ = std::move(done);
                       },
                       [this](uint32_t delay_ms, std::function<void()> work) {
                         loop_.Post(delay_ms, std::move(work));
                       }};
};

TEST_F(MegaflowPurgeTest, TheFirstOneBeginsAtOnce) {
  purge_.Owe();
  EXPECT_EQ(begun_, 1);
  EXPECT_TRUE(purge_.owed());
  Answer(kShort);
  EXPECT_FALSE(purge_.owed());
  EXPECT_EQ(purge_.counters().purges, 1u);
  loop_.Advance(100 * kBetween);
  EXPECT_EQ(begun_, 1);
}

TEST_F(MegaflowPurgeTest, OneServesAllThatCameWhileItHadToWait) {
  purge_.Owe();
  Answer(kShort);
  for (int i = 0; i < 100; ++i) purge_.Owe();
  loop_.Advance(kBetween - 1);
  EXPECT_EQ(begun_, 1);
  EXPECT_TRUE(purge_.owed());
  loop_.Advance(1);
  EXPECT_EQ(begun_, 2);
  Answer(kShort);
  EXPECT_FALSE(purge_.owed());
  loop_.Advance(100 * kBetween);
  EXPECT_EQ(begun_, 2);
}

TEST_F(MegaflowPurgeTest, WhatComesWhileOneIsUnderWayIsOwedAnotherOne) {
  purge_.Owe();
  purge_.Owe();
  Answer(kShort);
  EXPECT_TRUE(purge_.owed());
  loop_.Advance(kBetween);
  EXPECT_EQ(begun_, 2);
  Answer(kShort);
  EXPECT_FALSE(purge_.owed());
}

TEST_F(MegaflowPurgeTest, AfterARestTheNextOneBeginsAtOnceAgain) {
  purge_.Owe();
  Answer(kShort);
  loop_.Advance(kBetween);
  purge_.Owe();
  EXPECT_EQ(begun_, 2);
}

TEST_F(MegaflowPurgeTest, OneThatTookLongIsFollowedByAsLongARest) {
  constexpr uint32_t kRest = 3 * kBetween;
  purge_.Owe();
  Answer(microseconds(milliseconds(kRest)) / MegaflowPurge::kTimesAsLong);
  purge_.Owe();
  loop_.Advance(kRest - 1);
  EXPECT_EQ(begun_, 1);
  loop_.Advance(1);
  EXPECT_EQ(begun_, 2);
}

TEST_F(MegaflowPurgeTest, NoRestIsLongerThanTheLongest) {
  purge_.Owe();
  Answer(microseconds(5'000'000));
  purge_.Owe();
  loop_.Advance(MegaflowPurge::kBetweenAtMost.count());
  EXPECT_EQ(begun_, 2);
}

TEST_F(MegaflowPurgeTest, OneThatFailsIsTriedAgainMoreAndMoreRarely) {
  purge_.Owe();
  Answer(Unavailable("no switch"));
  EXPECT_TRUE(purge_.owed());
  int tries_in_first_minute = 0;
  for (int second = 0; second < 60'000; ++second) {
    loop_.Advance(1);
    if (!done_) continue;
    ++tries_in_first_minute;
    Answer(Unavailable("no switch"));
  }
  EXPECT_GT(tries_in_first_minute, 10);
  EXPECT_LT(tries_in_first_minute, 30);
  EXPECT_EQ(purge_.counters().failures, 1u + static_cast<unsigned>(tries_in_first_minute));
  EXPECT_EQ(purge_.counters().purges, 0u);
  loop_.Advance(5000);
  Answer(kShort);
  EXPECT_FALSE(purge_.owed());
  loop_.Advance(60'000);
  EXPECT_FALSE(done_) << "nothing is owed any more";
}

TEST_F(MegaflowPurgeTest, ASuccessMakesTheNextFailureTheFirstOneAgain) {
  purge_.Owe();
  for (int i = 0; i < 10; ++i) {
    Answer(Unavailable("no switch"));
    loop_.Advance(5000);
  }
  Answer(kShort);
  loop_.Advance(kBetween);
  purge_.Owe();
  Answer(Unavailable("no switch"));
  loop_.Advance(100);
  EXPECT_TRUE(done_);
}

}  // namespace
}  // namespace sluice::reconcile
