#include "ofctl/match.h"

#include <gtest/gtest.h>

namespace sluice::ofctl {
namespace {

TEST(MatchTest, OrderOfSettersDoesNotMatter) {
  const Match one = Match().Exact(Field::kReg1, 1).InPort(OfPort{2}).Ip(IpFamily::kIPv4);
  const Match other = Match().Ip(IpFamily::kIPv4).InPort(OfPort{2}).Exact(Field::kReg1, 1);
  EXPECT_EQ(one, other);
  EXPECT_EQ(one.Hash(), other.Hash());
}

TEST(MatchTest, ValueOutsideTheMaskIsNotKept) {
  EXPECT_EQ(Match().Masked(Field::kReg0, {0, 0xff}, {0, 0x0f}),
            Match().Masked(Field::kReg0, {0, 0x3f}, {0, 0x0f}));
}

TEST(MatchTest, EmptyMaskIsNoMatch) {
  EXPECT_EQ(Match().Exact(Field::kReg0, 1).Masked(Field::kReg0, {}, {}), Match());
  const Cidr any = Cidr::Of(IpAddress::FromV4(0), 0);
  EXPECT_EQ(Match().Prefix(Field::kNwSrc, any), Match());
}

TEST(MatchTest, BitsOfOneRegisterAddUp) {
  const Match match = Match().Bits32({Field::kReg0, 0, 3}, 0x5).Bits32({Field::kReg0, 28, 31}, 0xa);
  EXPECT_EQ(match, Match().Masked(Field::kReg0, {0, 0xa0000005}, {0, 0xf000000f}));
  EXPECT_EQ(Match(match).Bits32({Field::kReg0, 0, 3}, 0x2),
            Match().Masked(Field::kReg0, {0, 0xa0000002}, {0, 0xf000000f}));
  EXPECT_EQ(Match().Bits32(Whole(Field::kReg0), 9), Match().Exact(Field::kReg0, 9));
}

TEST(MatchTest, FieldsNarrowerThanTheirBytesAreExactInTheirBits) {
  EXPECT_EQ(Match().Exact(Field::kNwFrag, 1).Find(Field::kNwFrag)->mask, (Bits{0, 3}));
  EXPECT_EQ(Match().Exact(Field::kCtState, 1).Find(Field::kCtState)->mask, (Bits{0, 0xff}));
}

TEST(BitsTest, ShiftsAcrossTheMiddle) {
  const Bits bits{0, 0xf000000000000001};
  EXPECT_EQ(bits << 4, (Bits{0xf, 0x10}));
  EXPECT_EQ((bits << 68) >> 68, (Bits{0, 1}));
  EXPECT_EQ(bits << 0, bits);
  EXPECT_EQ((Bits{1, 0} >> 64), (Bits{0, 1}));
  EXPECT_EQ(bits << 128, (Bits{}));
  EXPECT_EQ(MaskOf({Field::kCtLabel, 60, 67}), (Bits{0xf, 0xf000000000000000}));
}

}  // namespace
}  // namespace sluice::ofctl
