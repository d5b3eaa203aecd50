#include "tests/fuzz/shrinker.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/fuzz/generator.h"
#include "tests/fuzz/quoted.h"
#include "tests/fuzz/report.h"

namespace sluice::fuzz {
namespace {

bool Mentions(const History& history, const std::string& word) {
  for (const Event& event : history.events) {
    const auto* put = std::get_if<Put>(&event);
    if (put != nullptr && ToYaml(put->manifest).find(word) != std::string::npos) return true;
  }
  return false;
}

TEST(ShrinkerTest, KeepsWhatItTakesAndNothingElse) {
  Generator generator({.seed = 3, .features = {}});
  History history;
  for (int i = 0; i < 40; ++i) history.events.push_back(generator.Next());
  history.events.insert(history.events.begin() + 20, PutPod("x", "{'k':'v','needle':'1','l':'w'}"));

  const History least = Shrink(history, [](const History& of) { return Mentions(of, "needle"); });

  ASSERT_EQ(least.events.size(), 1u);
  EXPECT_EQ(std::get<Put>(least.events[0]).manifest, PutPod("x", "{'needle':'1'}").manifest);
}

TEST(ShrinkerTest, KeepsTheOrderOfWhatMustComeBefore) {
  History history;
  for (const char* name : {"a", "b", "c", "d"}) history.events.emplace_back(PutPod(name, "{}"));
  history.events.emplace_back(Delete{store::ObjectKind::kPod, {"a", "b"}});
  history.events.emplace_back(PutPod("e", "{}"));
  const auto created_and_deleted = [](const History& of) {
    bool created = false;
    for (const Event& event : of.events) {
      if (ToString(event) == "put Pod a/b") created = true;
      if (ToString(event) == "delete Pod a/b" && created) return true;
    }
    return false;
  };

  const History least = Shrink(history, created_and_deleted);

  ASSERT_EQ(least.events.size(), 2u);
  EXPECT_TRUE(created_and_deleted(least));
}

}  // namespace
}  // namespace sluice::fuzz
