#include "ofctl/base/beat.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Moment = std::chrono::steady_clock::time_point;

TEST(BeatTest, WhatIsDueAtDifferentTimesBetweenTwoBeatsIsDueTogether) {
  const Moment beat{8 * kBeat};
  EXPECT_EQ(OnBeat(beat - kBeat + milliseconds(1)), beat);
  EXPECT_EQ(OnBeat(beat - seconds(3)), beat);
  EXPECT_EQ(OnBeat(beat), beat);
}

TEST(BeatTest, NothingIsDueEarly) {
  const Moment beat{8 * kBeat};
  EXPECT_EQ(OnBeat(beat + std::chrono::nanoseconds(1)), beat + kBeat);
}

TEST(BeatTest, AnIdleConnectionAsksAtEachBeat) {
  // Given that the answer to the last echo came just after a beat,
  const Moment beat{8 * kBeat};
  const Moment heard = beat + milliseconds(2);
  // when it has been silent for ten seconds, the next echo is due at the next beat.
  EXPECT_EQ(OnBeat(heard + seconds(10)), beat + kBeat);
}

}  // namespace
}  // namespace sluice
