// How a call fares with daemons of all kinds: a scripted one in the same event loop.
#include "agent/unixctl/daemon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "tests/fakes/temp_dir.h"
#include "tests/unit/unixctl/scripted_daemon.h"

namespace sluice::unixctl {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

class CallDaemonTest : public testing::Test {
 protected:
  void Serve(ScriptedDaemon::Script script) {
    daemon_.emplace(io_, socket_path_, std::move(script));
  }
  // The one outcome.
  Result<std::string> Purge(milliseconds deadline = milliseconds(20'000)) {
    std::vector<Result<std::string>> outcomes;
    CallDaemon(io_, {.socket_path = socket_path_, .deadline = deadline}, {"revalidator/purge", {}},
               [&](Result<std::string> outcome) {
                 outcomes.push_back(std::move(outcome));
                 daemon_.reset();
               });
    EXPECT_TRUE(outcomes.empty()) << "inside the call";
    io_.run();  // until nothing is left to do
    EXPECT_EQ(outcomes.size(), 1u);
    return outcomes.empty() ? Internal("no outcome") : outcomes.front();
  }

  fakes::TempDir run_;
  std::string socket_path_ = run_ / "ovs-vswitchd.ctl";
  boost::asio::io_context io_;
  std::optional<ScriptedDaemon> daemon_;
};

TEST_F(CallDaemonTest, TheAnswerMayComeInPieces) {
  Serve({.pieces = {R"({"id":0,"res)", R"(ult":"done",)", R"("error":null})"}});
  const auto outcome = Purge();
  ASSERT_TRUE(outcome.ok()) << outcome.error().message();
  EXPECT_EQ(*outcome, "done");
}

TEST_F(CallDaemonTest, OneThatRefusesIsQuoted) {
  Serve({.pieces = {R"({"id":0,"result":null,"error":"no such command"})"}});
  EXPECT_EQ(Purge().error(), Refused(socket_path_ + ": revalidator/purge: no such command"));
}

TEST_F(CallDaemonTest, OneThatGoesAwayIsUnavailable) {
  Serve({.pieces = {R"({"id":0,)"}, .then = ScriptedDaemon::Then::kCloses});
  EXPECT_EQ(Purge().error().code(), ErrorCode::kUnavailable);
}

TEST_F(CallDaemonTest, OneThatIsNotThereIsUnavailable) {
  const Error error = Purge().error();
  EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
  EXPECT_THAT(error.message(), HasSubstr(socket_path_ + ": connect: "));
}

TEST_F(CallDaemonTest, ASocketThatACrashLeftIsUnavailable) {
  Serve({});
  daemon_.reset();  // the file stays
  EXPECT_EQ(Purge().error().code(), ErrorCode::kUnavailable);
}

TEST_F(CallDaemonTest, OneThatHangsIsGivenUpAtTheDeadline) {
  Serve({.pieces = {R"({"id":0,)"}});
  EXPECT_EQ(Purge(milliseconds(30)).error().code(), ErrorCode::kTimeout);
}

TEST_F(CallDaemonTest, APathThatIsTooLongIsAnError) {
  socket_path_ = run_ / std::string(200, 'x');
  EXPECT_EQ(Purge().error().code(), ErrorCode::kInvalid);
}

}  // namespace
}  // namespace sluice::unixctl
