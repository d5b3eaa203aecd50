#include "agent/decode/addresses.h"

#include <gtest/gtest.h>

namespace sluice::decode {
namespace {

using namespace std::string_view_literals;

std::string Stored(std::string_view text) {
  const auto cidr = ParseStoredCidr(text);
  return cidr.ok() ? cidr->ToString() : "nothing";
}

std::string New(std::string_view text) {
  const auto cidr = ParseNewCidr(text);
  return cidr.ok() ? cidr->ToString() : cidr.error().message();
}

TEST(AddressesTest, OldPrefixesAreReadAsTheyWereMeant) {
  EXPECT_EQ(Stored("10.0.0.0/8"), "10.0.0.0/8");
  EXPECT_EQ(Stored("192.168.1.1/24"), "192.168.1.0/24");
  EXPECT_EQ(Stored("010.0.0.0/08"), "10.0.0.0/8");
  EXPECT_EQ(Stored("2001:db8::1/32"), "2001:db8::/32");
  EXPECT_EQ(Stored("::ffff:10.0.0.0/104"), "10.0.0.0/8");
  EXPECT_EQ(Stored("::/0"), "::/0");
}

TEST(AddressesTest, PrefixesWithoutAMeaningMatchNothing) {
  for (const std::string_view text :
       {""sv, "10.0.0.0"sv, "10.0.0.0/33"sv, "10.0.0/8"sv, "10.0.0.0/"sv, "x/8"sv, "::/129"sv,
        "::ffff:10.0.0.0/90"sv, "10.0.0.0/-1"sv, "10.0.0.0/8/8"sv, "fe80::1%eth0/64"sv,
        "::1\0.2/64"sv, " 10.0.0.0/8"sv}) {
    EXPECT_EQ(Stored(text), "nothing") << text;
  }
}

TEST(AddressesTest, NewPrefixesAreInTheirNormalForm) {
  EXPECT_EQ(New("0.0.0.0/0"), "0.0.0.0/0");
  EXPECT_EQ(New("10.0.0.0/8"), "10.0.0.0/8");
  EXPECT_EQ(New("2001:0db8::/32"), "2001:db8::/32");
  EXPECT_EQ(New("192.168.1.1/24"),
            "192.168.1.1/24 has host bits set; did you mean 192.168.1.0/24?");
  EXPECT_EQ(New("010.0.0.0/8"), "010.0.0.0/8 has leading zeros; did you mean 10.0.0.0/8?");
  EXPECT_EQ(New("10.0.0.0/08"), "10.0.0.0/08 has leading zeros; did you mean 10.0.0.0/8?");
  EXPECT_EQ(New("::ffff:10.0.0.0/104"),
            "::ffff:10.0.0.0/104 is an IPv4-mapped IPv6 prefix; did you mean 10.0.0.0/8?");
  EXPECT_EQ(New("ten/8"), "\"ten/8\" is not a CIDR such as 10.0.0.0/8 or 2001:db8::/32");
  EXPECT_EQ(New(""), "is empty; a CIDR such as 10.0.0.0/8 was expected");
}

TEST(AddressesTest, AMappedAddressIsTheIPv4Address) {
  EXPECT_EQ(ParseAddress("::ffff:10.0.0.1")->ToString(), "10.0.0.1");
  EXPECT_EQ(ParseAddress("2001:db8::1")->ToString(), "2001:db8::1");
  EXPECT_FALSE(ParseAddress("::1\0x"sv).ok());
}

}  // namespace
}  // namespace sluice::decode
