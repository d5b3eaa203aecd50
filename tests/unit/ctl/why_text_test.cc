// The answer in words, and the exit code that it means.
#include "agent/ctl/why_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::ctl {
namespace {

using testing::HasSubstr;
using testing::Not;

// A denied path, the ingress judged here, with more members of the path and of the whole.
std::string Denied(const std::string& path_members, const std::string& members = "") {
  return R"json({"verdict": "denied", "protocol": "TCP", "notes": ["a note"], "paths": [{
      "source": "10.244.0.5 (shop/client)", "destination": "10.244.0.2 (shop/db)", "port": 80,
      "verdict": "denied", "notes": [],
      "egress": {"verdict": "allowed", "judgedBy": "another node", "isolated": false,
                 "reason": "no policy selects shop/client for egress", "policies": []},
      "ingress": {"verdict": "denied", "judgedBy": "this node", "isolated": true,
                  "reason": "isolated by shop/a, shop/b; no rule allows it", "policies": [
          {"policy": "shop/a", "rules": []},
          {"policy": "shop/b", "rules": [{"index": 2, "matches": "no", "peers": "yes",
                                          "ports": "no", "words": ["the nearest", "the next"]}]}]})json" +
         path_members + "}]" + members + "}";
}

rapidjson::Document Parsed(const std::string& json) {
  rapidjson::Document document;
  document.Parse(json.c_str());
  EXPECT_FALSE(document.HasParseError()) << json;
  return document;
}

constexpr char kAgrees[] =
    R"(, "engine": "denied", "switch": {"verdict": "denied", "agrees": true, "words": "dropped"})";

TEST(WhyTextTest, ADenyListsEveryRulesNearestMiss) {
  const auto answer = Parsed(Denied(kAgrees, R"(, "inSync": true)"));

  EXPECT_EQ(WhyText(answer),
            "denied: 10.244.0.5 (shop/client) -> 10.244.0.2 (shop/db) port 80/TCP\n"
            "  egress: allowed (judged on another node): no policy selects shop/client for egress\n"
            "  ingress: denied: isolated by shop/a, shop/b; no rule allows it\n"
            "    shop/a ingress: has no rules: it allows nothing\n"
            "    shop/b ingress[2]: the nearest\n"
            "      the next\n"
            "  switch: agrees: dropped\n"
            "  note: a note\n");
  EXPECT_EQ(WhyExitCode(answer), 1);
}

TEST(WhyTextTest, ADisagreementOfTheSwitchIsSaidAndDecidesNothing) {
  const auto answer = Parsed(Denied(
      R"(, "engine": "denied", "switch": {"verdict": "allowed", "agrees": false, "words": "out"})"));

  EXPECT_THAT(WhyText(answer), HasSubstr("  DISAGREEMENT: the switch says allowed: out\n"));
  EXPECT_EQ(WhyExitCode(answer), 2);
}

TEST(WhyTextTest, ADisagreementOfTheEngineIsSaidAndDecidesNothing) {
  const auto answer = Parsed(Denied(R"(, "engine": "allowed")"));

  EXPECT_THAT(WhyText(answer), HasSubstr("DISAGREEMENT: the agent's engine says allowed"));
  EXPECT_EQ(WhyExitCode(answer), 2);
}

TEST(WhyTextTest, AnAgentOutOfSyncDecidesNothing) {
  const auto answer = Parsed(Denied(kAgrees, R"(, "inSync": false)"));

  EXPECT_THAT(WhyText(answer), HasSubstr("NOT IN SYNC"));
  EXPECT_EQ(WhyExitCode(answer), 2);
}

TEST(WhyTextTest, ASwitchThatCannotBeAskedLeavesTheVerdict) {
  const auto answer =
      Parsed(Denied(R"(, "switch": {"verdict": "unknown", "agrees": null, "words": "why not"})"));

  EXPECT_THAT(WhyText(answer), HasSubstr("  switch: not compared: why not\n"));
  EXPECT_EQ(WhyExitCode(answer), 1);
}

TEST(WhyTextTest, BadManifestsDecideNothing) {
  const auto answer = Parsed(Denied("", R"(, "complaints": ["web.yaml:3: ..."])"));

  EXPECT_THAT(WhyText(answer), HasSubstr("ERROR in the manifests: web.yaml:3: ..."));
  EXPECT_EQ(WhyExitCode(answer), 2);
  EXPECT_EQ(WhyExitCode(Parsed(Denied("", R"(, "complaints": [])"))), 1);
}

TEST(WhyTextTest, OnlyTheSideJudgedHereIsTheSwitchs) {
  const std::string here = R"({"egress": {"judgedBy": "this node", "verdict": ")";
  const std::string there = R"("}, "ingress": {"judgedBy": "another node", "verdict": "denied"}})";
  EXPECT_EQ(VerdictHere(Parsed(here + "allowed" + there)), "allowed");
  EXPECT_EQ(VerdictHere(Parsed(here + "denied" + there)), "denied");
  EXPECT_EQ(VerdictHere(Parsed(here + "unknown" + there)), "unknown");
}

TEST(WhyTextTest, NothingToJudgeIsSaid) {
  const auto answer = Parsed(
      R"({"verdict": "unknown", "protocol": "TCP", "paths": [], "notes": ["there is no pod x"]})");

  EXPECT_EQ(WhyText(answer), "cannot say:\n  note: there is no pod x\n");
  EXPECT_EQ(WhyExitCode(answer), 2);
  EXPECT_THAT(WhyText(answer), Not(HasSubstr("SYNC")));
}

}  // namespace
}  // namespace sluice::ctl
