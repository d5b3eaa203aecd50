#include "agent/kube/value_cutter.h"

#include <gtest/gtest.h>

#include <vector>

namespace sluice::kube {
namespace {

// Feeds `text` in pieces of `size` bytes; what was cut, and "…" for a value without an end.
std::vector<std::string> Cut(std::string_view text, size_t size, ValueCutter cutter) {
  std::vector<std::string> values;
  bool open = false;
  while (!text.empty()) {
    std::string_view piece = text.substr(0, size);
    text.remove_prefix(piece.size());
    while (!piece.empty()) {
      if (!open && (piece.front() == ' ' || piece.front() == ',')) {
        piece.remove_prefix(1);
        continue;
      }
      const auto result = cutter.Feed(piece);
      open = result == ValueCutter::Result::kMore;
      if (result == ValueCutter::Result::kNoValue) return {"no value"};
      if (result == ValueCutter::Result::kWhole) {
        values.push_back(std::string(cutter.text()) + (cutter.too_long() ? " too long" : ""));
      }
    }
  }
  if (open) values.emplace_back("…");
  return values;
}

TEST(ValueCutterTest, ValuesEndWhereTheyEndHoweverTheyAreSplit) {
  const std::string text = R"({"a":[1,{"b":"]}\"\\"}]} "x\\" "y\"z" [] 12.5e3 null , {} true )";
  const std::vector<std::string> values = {
      R"({"a":[1,{"b":"]}\"\\"}]})", R"("x\\")", R"("y\"z")", "[]", "12.5e3", "null", "{}", "true"};
  for (size_t size = 1; size <= text.size(); ++size) {
    EXPECT_EQ(Cut(text, size, ValueCutter(1000)), values) << size;
  }
}

TEST(ValueCutterTest, OfALongValueTheBeginningIsKeptAndTheEndIsFound) {
  const std::string text = R"({"name":"abc","more":[1,2,3]} {"b":1})";
  for (size_t size = 1; size <= text.size(); ++size) {
    EXPECT_EQ(Cut(text, size, ValueCutter(14)),
              (std::vector<std::string>{R"({"name":"abc", too long)", R"({"b":1})"}))
        << size;
  }
}

TEST(ValueCutterTest, AValueWithoutAnEndGoesOn) {
  for (const char* text : {"{", "{\"a\":\"", "{\"}", "[[]", "\"a\\\"", "12"}) {
    EXPECT_EQ(Cut(text, 100, ValueCutter(1000)), std::vector<std::string>{"…"}) << text;
  }
}

TEST(ValueCutterTest, NoValueBeginsWithAnythingElse) {
  for (const char* text : {"}", "]", ":", "x", "\x01", "\xff"}) {
    EXPECT_EQ(Cut(text, 100, ValueCutter(1000)), std::vector<std::string>{"no value"}) << text;
  }
}

}  // namespace
}  // namespace sluice::kube
