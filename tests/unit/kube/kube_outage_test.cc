// Connections that break, servers that are silent or say no, and how it goes on afterwards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/kube/kube_source_fixture.h"

namespace sluice::kube {
namespace {

using std::chrono::milliseconds;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

using KubeOutageTest = KubeSourceFixture;

TEST_F(KubeOutageTest, AWatchThatTimesOutGoesOnOverTheSameConnection) {
  Sync();
  ASSERT_TRUE(Fence());
  server_.SendBookmarks();
  ASSERT_TRUE(Fence());
  server_.EndWatches();
  EXPECT_TRUE(RunUntil([&] { return server_.open_watches() == 3; }));
  EXPECT_TRUE(Fence());
  EXPECT_EQ(server_.connections_taken(), 3U);
  EXPECT_EQ(Lists(), 3U);
}

TEST_F(KubeOutageTest, ABrokenConnectionGoesOnFromWhereItWas) {
  Sync();
  ASSERT_TRUE(Fence());
  server_.DropConnections();
  server_.Put(kPods, "missed", kPod);
  EXPECT_TRUE(RunUntil([&] { return objects_.contains("missed"); }));
  EXPECT_EQ(Lists(), 3U);
  EXPECT_TRUE(RunUntil([&] { return complaints_.empty(); }));
}

TEST_F(KubeOutageTest, GoneIsListedAgainAndReplacesInOneBatch) {
  for (const char* name : {"a", "b", "c"}) server_.Put(kPods, name, kPod);
  Sync();
  server_.Away();
  server_.Delete(kPods, "a");
  server_.Delete(kPods, "b");
  server_.Put(kPods, "d", kPod);
  server_.Compact();
  const size_t before = batches_.size();
  server_.Back();
  EXPECT_TRUE(RunUntil([&] { return objects_ == std::set<std::string>{"c", "d"}; }));
  EXPECT_THAT(batches_[before], UnorderedElementsAre("-a", "-b", "+c", "+d"));
}

TEST_F(KubeOutageTest, GoneAsAnEventIsListedAgain) {
  Sync();
  server_.Compact();
  server_.ExpireWatches();
  EXPECT_TRUE(RunUntil([&] { return Lists() == 6 && server_.open_watches() == 3; }));
  EXPECT_TRUE(Fence());
  EXPECT_THAT(all_complaints_, IsEmpty());
}

TEST_F(KubeOutageTest, WhatIsKnownStaysInForceWhileTheServerIsAway) {
  server_.Put(kPods, "web", kPod);
  Sync();
  server_.Away();
  EXPECT_TRUE(Complains("refused; what is known stays in force"));
  // Long enough for many tries.
  EXPECT_TRUE(RunUntil([&] { return complaints_.size() == 3; }));
  EXPECT_THAT(objects_, ElementsAre("web"));
  EXPECT_EQ(batches_.size(), 1U);

  server_.Back();
  EXPECT_TRUE(Fence());
  EXPECT_TRUE(RunUntil([&] { return complaints_.empty(); }));
}

TEST_F(KubeOutageTest, AServerThatIsSilentIsTakenForDead) {
  spec_.patience.watch.body = milliseconds(100);
  spec_.patience.watch.answer = milliseconds(100);
  Sync();
  server_.faults().silent = true;
  EXPECT_TRUE(Complains("no answer's body in time"));
  EXPECT_TRUE(Complains("no answer in time"));
  EXPECT_THAT(complaints_, Each(HasSubstr("stays in force")));

  server_.faults().silent = false;
  EXPECT_TRUE(Fence());
}

TEST_F(KubeOutageTest, AnAnswerThatMakesNoSenseChangesNothing) {
  server_.Put(kPods, "web", kPod);
  Sync();
  server_.SendToWatches(kPods, "<html>\n");
  EXPECT_TRUE(Complains("a watch event is not an object; what is known stays in force"));
  server_.faults().answer = fakes::RawAnswer{200, "<html>", ""};
  server_.DropConnections();
  EXPECT_TRUE(Complains("is not a"));
  EXPECT_THAT(objects_, ElementsAre("web"));
  server_.faults().answer = std::nullopt;
  EXPECT_TRUE(Fence());
  EXPECT_THAT(objects_, Contains("web"));
}

TEST_F(KubeOutageTest, ARefusalIsNamedWithItsReason) {
  server_.faults().answer = fakes::RawAnswer{
      403, R"({"kind":"Status","reason":"Forbidden","message":"pods is forbidden","code":403})",
      ""};
  Start();
  EXPECT_TRUE(Complains("pods: streaming list refused: 403 Forbidden: pods is forbidden"));
  EXPECT_THAT(batches_, IsEmpty());
  server_.faults().answer = std::nullopt;
  EXPECT_TRUE(RunUntil([&] { return !batches_.empty(); }));
}

}  // namespace
}  // namespace sluice::kube
