#include "agent/decode/names.h"

#include <gtest/gtest.h>

namespace sluice::decode {
namespace {

TEST(NamesTest, DnsLabelsAreShortAndLowerCase) {
  for (const char* good : {"a", "0", "a-b", "web-0"}) {
    EXPECT_EQ(WrongWithDnsLabel(good), std::nullopt) << good;
  }
  EXPECT_EQ(WrongWithDnsLabel(std::string(63, 'a')), std::nullopt);
  for (const char* bad : {"", "-a", "a-", "A", "a.b", "a_b", "\xc3\xa4"}) {
    EXPECT_NE(WrongWithDnsLabel(bad), std::nullopt) << bad;
  }
  EXPECT_NE(WrongWithDnsLabel(std::string(64, 'a')), std::nullopt);
}

TEST(NamesTest, DnsSubdomainsAreLabelsJoinedByDots) {
  for (const char* good : {"a", "a.b", "web-0.example.com"}) {
    EXPECT_EQ(WrongWithDnsSubdomain(good), std::nullopt) << good;
  }
  for (const char* bad : {"", ".", "a.", ".a", "a..b", "a.-b", "A.b"}) {
    EXPECT_NE(WrongWithDnsSubdomain(bad), std::nullopt) << bad;
  }
  EXPECT_NE(WrongWithDnsSubdomain(std::string(254, 'a')), std::nullopt);
}

TEST(NamesTest, LabelKeysMayHaveAPrefix) {
  for (const char* good : {"app", "App_1.x-y", "kubernetes.io/metadata.name", "a.b/C"}) {
    EXPECT_EQ(WrongWithLabelKey(good), std::nullopt) << good;
  }
  for (const char* bad : {"", "/a", "a/", "a/b/c", "A.B/c", "-a", "a b", "a."}) {
    EXPECT_NE(WrongWithLabelKey(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(WrongWithLabelKey("x.y/" + std::string(63, 'a')), std::nullopt);
  EXPECT_NE(WrongWithLabelKey("x.y/" + std::string(64, 'a')), std::nullopt);
}

TEST(NamesTest, LabelValuesMayBeEmpty) {
  for (const char* good : {"", "1", "v1.2_3-x", "ABC"}) {
    EXPECT_EQ(WrongWithLabelValue(good), std::nullopt) << good;
  }
  for (const char* bad : {" ", "a b", "-a", "a-", "a/b", "a,b"}) {
    EXPECT_NE(WrongWithLabelValue(bad), std::nullopt) << bad;
  }
  EXPECT_NE(WrongWithLabelValue(std::string(64, 'a')), std::nullopt);
}

TEST(NamesTest, PortNamesNeedALetter) {
  for (const char* good : {"http", "a", "serve-80-tcp", "0a"}) {
    EXPECT_EQ(WrongWithPortName(good), std::nullopt) << good;
  }
  for (const char* bad : {"", "80", "a--b", "-a", "a-", "Http", "a_b", "sixteen-letters-"}) {
    EXPECT_NE(WrongWithPortName(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(WrongWithPortName("fifteen-letters"), std::nullopt);
  EXPECT_NE(WrongWithPortName("sixteen-lettersx"), std::nullopt);
}

}  // namespace
}  // namespace sluice::decode
