#include "agent/manifests/yaml_scalar.h"

#include <gtest/gtest.h>

namespace sluice::manifests {
namespace {

std::string Plain(std::string_view text) {
  const auto scalar = ResolveScalar("?", text);
  if (!scalar.ok()) return "error";
  if (std::holds_alternative<std::monostate>(*scalar)) return "null";
  if (const auto* value = std::get_if<bool>(&*scalar)) return *value ? "true" : "false";
  if (const auto* value = std::get_if<int64_t>(&*scalar)) return "int " + std::to_string(*value);
  if (const auto* value = std::get_if<uint64_t>(&*scalar)) return "uint " + std::to_string(*value);
  if (const auto* value = std::get_if<double>(&*scalar)) return "float " + std::to_string(*value);
  return "text " + std::get<std::string>(*scalar);
}

// The table of go-yaml v2, which kubectl reads manifests with.
TEST(YamlScalarTest, PlainScalarsHaveTheTypesKubectlGivesThem) {
  for (const char* text : {"", "~", "null", "Null", "NULL"}) EXPECT_EQ(Plain(text), "null") << text;
  for (const char* text : {"y", "Yes", "true", "TRUE", "on", "On"}) {
    EXPECT_EQ(Plain(text), "true") << text;
  }
  for (const char* text : {"n", "No", "false", "False", "off", "OFF"}) {
    EXPECT_EQ(Plain(text), "false") << text;
  }
  for (const char* text : {"yEs", "tRue", "nil", "http", "1.2.3.4", "10.0.0.0/8", "2024-01-01",
                           "0x", "1e", "-", "+", ".", "0b2", "1e999", "12ab", "--1", "+-1"}) {
    EXPECT_EQ(Plain(text), "text " + std::string(text));
  }
}

TEST(YamlScalarTest, NumbersAreGosNumbers) {
  EXPECT_EQ(Plain("0"), "int 0");
  EXPECT_EQ(Plain("80"), "int 80");
  EXPECT_EQ(Plain("+80"), "int 80");
  EXPECT_EQ(Plain("-80"), "int -80");
  EXPECT_EQ(Plain("8_0"), "int 80");
  EXPECT_EQ(Plain("0x50"), "int 80");
  EXPECT_EQ(Plain("0o120"), "int 80");
  EXPECT_EQ(Plain("0120"), "int 80");
  EXPECT_EQ(Plain("0b1010000"), "int 80");
  EXPECT_EQ(Plain("080"), "int 80");  // no octal number, so a decimal float
  EXPECT_EQ(Plain("80.0"), "int 80");
  EXPECT_EQ(Plain("8e1"), "int 80");
  EXPECT_EQ(Plain("80.5"), "float 80.500000");
  EXPECT_EQ(Plain(".5"), "float 0.500000");
  EXPECT_EQ(Plain("9223372036854775807"), "int 9223372036854775807");
  EXPECT_EQ(Plain("18446744073709551615"), "uint 18446744073709551615");
  EXPECT_EQ(Plain("99999999999999999999").substr(0, 5), "float");
}

TEST(YamlScalarTest, WhatJsonCannotHoldIsAnError) {
  for (const char* text : {".nan", ".NaN", ".inf", "-.inf", "+.Inf"}) {
    EXPECT_EQ(Plain(text), "error") << text;
  }
  EXPECT_FALSE(ResolveScalar("tag:yaml.org,2002:binary", "aGk=").ok());
}

TEST(YamlScalarTest, QuotesAndTagsDecide) {
  EXPECT_EQ(*ResolveScalar("!", "80"), YamlScalar(std::string("80")));
  EXPECT_EQ(*ResolveScalar("tag:yaml.org,2002:str", "80"), YamlScalar(std::string("80")));
  EXPECT_EQ(*ResolveScalar("tag:yaml.org,2002:int", "80"), YamlScalar(int64_t{80}));
  EXPECT_EQ(*ResolveScalar("tag:example.com,2002:x", "80"), YamlScalar(std::string("80")));
  EXPECT_FALSE(ResolveScalar("tag:yaml.org,2002:int", "eighty").ok());
  EXPECT_FALSE(ResolveScalar("tag:yaml.org,2002:bool", "80").ok());
}

}  // namespace
}  // namespace sluice::manifests
