#include "tests/conformance/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/conformance/case_file.h"
#include "tests/conformance/test_data.h"

namespace sluice::conformance {
namespace {

using testing::HasSubstr;

std::string ReportOf(const std::string& text, const std::vector<Mode>& modes) {
  const auto cases = ParseCaseFile(text);
  if (!cases.ok()) return cases.error().message();
  EngineLevel level;
  Tally tally;
  const Status run = Runner(level, tally).Run("f.json", *cases, modes);
  if (!run.ok()) return run.error().message();
  std::ostringstream report;
  tally.Print(report);
  return report.str();
}

TEST(RunnerTest, CountsEveryCellOnce) {
  EXPECT_EQ(ReportOf(TestData("clients.json"), {Mode::kJump}),
            "1 cases, 49 verdicts, 0 wrong, 1 skipped (the pod has no such named port: 1)\n");
}

TEST(RunnerTest, AReplayedStateIsJudgedLikeTheListedOne) {
  EXPECT_THAT(ReportOf(TestData("clients.json"), {Mode::kJump, Mode::kReplay}),
              HasSubstr("1 cases, 98 verdicts, 0 wrong, 2 skipped"));
}

TEST(RunnerTest, AnUnexpectedVerdictIsWrongAndSaysWhere) {
  const std::string wrong = With(TestData("clients.json"), "\"X..\"", "\"XX.\"");
  EXPECT_EQ(
      ReportOf(wrong, {Mode::kJump}),
      "wrong: f.json: case 1, step 1, jump, TCP/80 combined: y/c -> y/b: expected denied, got "
      "allowed\n"
      "1 cases, 49 verdicts, 1 wrong, 1 skipped (the pod has no such named port: 1)\n");
}

// The only port of the only rule is named: y/b, the only subject, calls its port 80 so.
std::string WithNamedPort() {
  const std::string port = "\"port\": 80\n";
  std::string text = TestData("clients.json");
  for (size_t at = text.find(port); at != std::string::npos; at = text.find(port, at)) {
    text.replace(at, port.size(), "\"port\": \"web\"\n");
  }
  return text;
}

TEST(RunnerTest, ANamedPortIsJudgedByItsNumber) {
  EXPECT_THAT(ReportOf(WithNamedPort(), {Mode::kJump}), HasSubstr("49 verdicts, 0 wrong"));
}

TEST(TallyTest, PrintsOnlySoManyWrongVerdicts) {
  Tally tally;
  for (size_t i = 0; i < Tally::kMaxLines + 3; ++i) tally.CountWrong("here");
  std::ostringstream report;
  tally.Print(report);
  EXPECT_THAT(report.str(),
              HasSubstr("wrong: here\nwrong: 3 more\n0 cases, 53 verdicts, 53 wrong"));
}

}  // namespace
}  // namespace sluice::conformance
