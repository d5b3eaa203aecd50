#include "ofctl/redial.h"

#include <gtest/gtest.h>

namespace sluice::ofctl {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class RedialTest : public ::testing::Test {
 protected:
  Redial redial_{{.failed = {milliseconds(100), milliseconds(400)},
                  .absent_min = milliseconds(20),
                  .absent_max = milliseconds(1000)}};
  const Redial::TimePoint start_{};
};

TEST_F(RedialTest, AbsenceIsWaitedForInProportionToHowLongItLasts) {
  EXPECT_EQ(redial_.Absent(start_), milliseconds(20));
  EXPECT_EQ(redial_.Absent(start_ + milliseconds(320)), milliseconds(20));
  EXPECT_EQ(redial_.Absent(start_ + seconds(8)), milliseconds(500));
  EXPECT_EQ(redial_.Absent(start_ + minutes(10)), milliseconds(1000));
}

TEST_F(RedialTest, AbsenceBeginsAnewAfterAConnection) {
  // given a switch that was away for long, and came back
  redial_.Absent(start_);
  redial_.Absent(start_ + minutes(10));
  redial_.Connected();

  // when it goes away again, then it is looked for in a hurry
  EXPECT_EQ(redial_.Absent(start_ + minutes(20)), milliseconds(20));
}

TEST_F(RedialTest, SwitchThatFailsAtOnceIsWaitedForLongerEachTime) {
  EXPECT_EQ(redial_.Failed(milliseconds(0)), milliseconds(100));
  EXPECT_EQ(redial_.Failed(milliseconds(10)), milliseconds(200));
  EXPECT_EQ(redial_.Failed(milliseconds(399)), milliseconds(400));
  EXPECT_EQ(redial_.Failed(milliseconds(0)), milliseconds(400));
}

// Restarts in a row: each of its connections lasted longer than what would be waited.
TEST_F(RedialTest, SwitchThatStayedUpIsDialledSoon) {
  for (int restart = 0; restart < 5; ++restart) {
    EXPECT_EQ(redial_.Failed(milliseconds(500)), milliseconds(100)) << restart;
  }
}

}  // namespace
}  // namespace sluice::ofctl
