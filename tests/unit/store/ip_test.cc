#include "ofctl/base/ip.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

std::string Parsed(std::string_view text) {
  const Result<IpAddress> ip = ParseIp(text);
  return ip.ok() ? ip->ToString() : "error";
}

std::string ParsedCidr(std::string_view text) {
  const Result<Cidr> cidr = ParseCidr(text);
  return cidr.ok() ? cidr->ToString() : "error";
}

TEST(IpAddressTest, LeadingZerosAreDecimal) {
  EXPECT_EQ(Parsed("010.0.0.1"), "10.0.0.1");
  EXPECT_EQ(Parsed("192.168.008.009"), "192.168.8.9");
}

TEST(IpAddressTest, BothFamilies) {
  EXPECT_EQ(Parsed("0.0.0.0"), "0.0.0.0");
  EXPECT_EQ(Parsed("255.255.255.255"), "255.255.255.255");
  EXPECT_EQ(Parsed("FD00:0::1"), "fd00::1");
  EXPECT_EQ(Parsed("::ffff:10.0.0.1"), "::ffff:10.0.0.1");
}

TEST(IpAddressTest, WhatIsNoAddressIsAnError) {
  for (const char* text : {"",           " ",
                           "10",         "10.0.0",
                           "10.0.0.0.0", "10.0.0.256",
                           "10.0.0.-1",  "10.0.0.+1",
                           "10..0.1",    "10.0.0.1 ",
                           " 10.0.0.1",  "10.0.0.1/32",
                           "0x0a.0.0.1", "10.0.0.4294967297",
                           "10.0.0.1.",  ".10.0.0.1",
                           "fd00::1::2", "fd00:::1",
                           "g::1",       "::1%eth0",
                           "[::1]",      "localhost"}) {
    EXPECT_EQ(Parsed(text), "error") << text;
  }
}

TEST(IpAddressTest, FamiliesNeverCompareEqual) {
  EXPECT_NE(ParseIp("0.0.0.0").value(), ParseIp("::").value());
  EXPECT_NE(ParseIp("10.0.0.1").value(), ParseIp("::ffff:10.0.0.1").value());
}

TEST(CidrTest, HostBitsAreCleared) {
  EXPECT_EQ(ParsedCidr("192.168.1.77/24"), "192.168.1.0/24");
  EXPECT_EQ(ParsedCidr("10.255.255.255/9"), "10.128.0.0/9");
  EXPECT_EQ(ParsedCidr("255.255.255.255/0"), "0.0.0.0/0");
  EXPECT_EQ(ParsedCidr("010.1.2.3/8"), "10.0.0.0/8");
  EXPECT_EQ(ParsedCidr("fd00:1:2:3::4/50"), "fd00:1:2::/50");
  EXPECT_EQ(ParsedCidr("fd00::1/128"), "fd00::1/128");
}

TEST(CidrTest, WhatIsNoPrefixIsAnError) {
  for (const char* text : {"", "10.0.0.0", "10.0.0.0/", "/8", "10.0.0.0/33", "10.0.0.0/-1",
                           "10.0.0.0/8 ", "10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0/8", "fd00::/129",
                           "10.0.0.0/255.0.0.0", "10.0.0.0/256", "10.0.0.0/4294967304"}) {
    EXPECT_EQ(ParsedCidr(text), "error") << text;
  }
}

TEST(CidrTest, ContainsExactlyItsAddresses) {
  const Cidr cidr = ParseCidr("10.0.0.32/27").value();
  EXPECT_FALSE(cidr.Contains(ParseIp("10.0.0.31").value()));
  EXPECT_TRUE(cidr.Contains(ParseIp("10.0.0.32").value()));
  EXPECT_TRUE(cidr.Contains(ParseIp("10.0.0.63").value()));
  EXPECT_FALSE(cidr.Contains(ParseIp("10.0.0.64").value()));
}

TEST(CidrTest, NeverContainsTheOtherFamily) {
  EXPECT_FALSE(ParseCidr("0.0.0.0/0").value().Contains(ParseIp("::1").value()));
  EXPECT_FALSE(ParseCidr("::/0").value().Contains(ParseIp("1.1.1.1").value()));
  EXPECT_FALSE(ParseCidr("::/0").value().Contains(ParseCidr("0.0.0.0/0").value()));
}

TEST(CidrTest, ContainsPrefixesAtLeastAsLong) {
  const Cidr cidr = ParseCidr("10.0.0.0/8").value();
  EXPECT_TRUE(cidr.Contains(cidr));
  EXPECT_TRUE(cidr.Contains(ParseCidr("10.1.0.0/16").value()));
  EXPECT_FALSE(cidr.Contains(ParseCidr("10.0.0.0/7").value()));
  EXPECT_FALSE(cidr.Contains(ParseCidr("11.0.0.0/16").value()));
}

TEST(CidrTest, ComesRightBeforeWhatItContains) {
  EXPECT_LT(ParseCidr("10.0.0.0/8").value(), ParseCidr("10.0.0.0/16").value());
  EXPECT_LT(ParseCidr("10.0.0.0/16").value(), ParseCidr("10.0.0.1/32").value());
  EXPECT_LT(ParseCidr("10.255.255.255/32").value(), ParseCidr("11.0.0.0/8").value());
}

TEST(MacAddressTest, ParsesAndPrints) {
  EXPECT_EQ(ParseMac("0A:58:0a:00:00:01").value().ToString(), "0a:58:0a:00:00:01");
  EXPECT_EQ(ParseMac("0a:58:0a:00:00:01").value().bits(), 0x0a580a000001u);
  for (const char* text : {"", "0a:58:0a:00:00", "0a:58:0a:00:00:1", "0a-58-0a-00-00-01",
                           "0a:58:0a:00:00:01:02", "zz:58:0a:00:00:01", "0a:58:0a:00:00:0g"}) {
    EXPECT_FALSE(ParseMac(text).ok()) << text;
  }
}

}  // namespace
}  // namespace sluice
