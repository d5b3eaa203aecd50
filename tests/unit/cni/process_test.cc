#include "cni/process.h"

#include <gtest/gtest.h>

#include "tests/fakes/temp_dir.h"

namespace sluice::cni {
namespace {

using std::chrono::milliseconds;

struct Expected {
  size_t output_limit = 1000;
  milliseconds timeout{10'000};
};

Result<ProgramOutput> RunScript(const fakes::TempDir& dir, const std::string& script,
                                const Expected& expected = {}) {
  dir.WriteProgram("program", script);
  return RunProgram({.path = dir / "program",
                     .environment = {{"COLOUR", "red"}},
                     .input = "from stdin",
                     .output_limit = expected.output_limit,
                     .timeout = expected.timeout});
}

TEST(ProcessTest, PassesInputAndEnvironmentAndReturnsOutputAndStatus) {
  const fakes::TempDir dir;
  const Result<ProgramOutput> ran = RunScript(dir, "read line; echo \"$line $COLOUR\"; exit 3\n");
  ASSERT_TRUE(ran.ok()) << ran.error().message();
  EXPECT_EQ(ran->output, "from stdin red\n");
  EXPECT_EQ(ran->exit_status, 3);
}

TEST(ProcessTest, SurvivesAProgramThatDoesNotReadItsInput) {
  const fakes::TempDir dir;
  dir.WriteProgram("program", "exit 0\n");
  const std::string large(1'000'000, 'x');
  const Result<ProgramOutput> ran = RunProgram({.path = dir / "program",
                                                .environment = {},
                                                .input = large,
                                                .output_limit = 10,
                                                .timeout = milliseconds(10'000)});
  ASSERT_TRUE(ran.ok());
  EXPECT_EQ(ran->exit_status, 0);
}

TEST(ProcessTest, TellsTheSignalThatEndedIt) {
  const fakes::TempDir dir;
  const Result<ProgramOutput> ran = RunScript(dir, "kill -9 $$\n");
  ASSERT_TRUE(ran.ok());
  EXPECT_EQ(ran->exit_status, 128 + 9);
}

TEST(ProcessTest, EndsAProgramThatTakesTooLong) {
  const fakes::TempDir dir;
  for (const std::string script : {"exec /bin/sleep 100\n", "exec /bin/sleep 100 >/dev/null\n"}) {
    const Result<ProgramOutput> ran = RunScript(dir, script, {.timeout = milliseconds(50)});
    ASSERT_FALSE(ran.ok());
    EXPECT_EQ(ran.error().code(), ErrorCode::kTimeout);
  }
}

TEST(ProcessTest, EndsAProgramThatPrintsTooMuch) {
  const fakes::TempDir dir;
  const Result<ProgramOutput> ran =
      RunScript(dir, "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done\n");
  ASSERT_FALSE(ran.ok());
  EXPECT_EQ(ran.error().code(), ErrorCode::kInvalid);
}

TEST(ProcessTest, SaysWhatCouldNotBeRun) {
  const Result<ProgramOutput> ran = RunProgram({.path = "/does/not/exist",
                                                .environment = {},
                                                .input = "",
                                                .output_limit = 10,
                                                .timeout = milliseconds(1000)});
  ASSERT_FALSE(ran.ok());
  EXPECT_EQ(ran.error().message(), "run /does/not/exist: No such file or directory");
}

}  // namespace
}  // namespace sluice::cni
