#include "agent/stale_megaflows.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <optional>

#include "tests/fakes/manual_loop.h"
#include "tests/fakes/temp_dir.h"
#include "tests/unit/unixctl/scripted_daemon.h"

namespace sluice {
namespace {

using unixctl::ScriptedDaemon;

constexpr char kDone[] = R"({"id":0,"result":"","error":null})";
constexpr char kRefused[] = R"({"id":0,"result":null,"error":"no such command"})";
constexpr char kPurge[] = R"({"id":0,"method":"revalidator/purge","params":[]})";

class StaleMegaflowsTest : public testing::Test {
 protected:
  void StartSwitch(std::string answer) {
    switch_.emplace(io_, run_ / "ovs-vswitchd.ctl",
                    ScriptedDaemon::Script{.pieces = {std::move(answer)}});
  }
  void StopSwitch() {
    switch_.reset();
    std::filesystem::remove(run_ / "ovs-vswitchd.ctl");
  }
  // Until as many purges have come to an end.
  void Await(uint64_t outcomes) {
    const auto& counters = megaflows_.purge().counters();
    io_.restart();
    while (counters.purges + counters.failures < outcomes) {
      ASSERT_EQ(io_.run_one_for(std::chrono::seconds(20)), 1u);
    }
  }

  fakes::TempDir run_;
  boost::asio::io_context io_;
  fakes::ManualLoop loop_;
  std::optional<ScriptedDaemon> switch_;
  StaleMegaflows megaflows_{io_, run_.path(), [this](uint32_t delay, std::function<void()> work) {
                              loop_.Post(delay, std::move(work));
                            }};
};

TEST_F(StaleMegaflowsTest, WhatTheFirstPurgePassesOverTheSecondFinds) {
  StartSwitch(kDone);
  megaflows_.Purge();
  Await(1);
  EXPECT_EQ(megaflows_.purge().counters().purges, 1u);
  EXPECT_EQ(switch_->requests(), (std::vector<std::string>{kPurge, kPurge}));
}

TEST_F(StaleMegaflowsTest, ASwitchThatComesLaterIsPurgedThen) {
  megaflows_.Purge();
  EXPECT_EQ(megaflows_.purge().counters().failures, 0u) << "inside the call";
  Await(1);
  EXPECT_EQ(megaflows_.purge().counters().failures, 1u);
  EXPECT_TRUE(megaflows_.purge().owed());
  StartSwitch(kRefused);
  loop_.Advance(60'000);
  Await(2);
  EXPECT_EQ(megaflows_.purge().counters().failures, 2u);
  StopSwitch();
  StartSwitch(kDone);
  loop_.Advance(60'000);
  Await(3);
  EXPECT_EQ(megaflows_.purge().counters().purges, 1u);
  EXPECT_FALSE(megaflows_.purge().owed());
}

}  // namespace
}  // namespace sluice
