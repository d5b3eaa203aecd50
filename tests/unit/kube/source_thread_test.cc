#include "agent/kube/source_thread.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/unit/kube/kube_source_fixture.h"

namespace sluice::kube {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using SourceThreadTest = KubeSourceFixture;

TEST_F(SourceThreadTest, OnAThreadOfItsOwnItTellsTheListenersThread) {
  spec_.nodes = KubeSource::Nodes::kFollowed;
  server_.Put(kPods, "web", kPod);
  server_.Put(kPods, "bad", R"("spec":{"hostNetwork":"maybe"})");
  server_.Put(kNodes, "n1", R"("spec":{})");
  SourceThread source(io_, spec_, *this);
  ASSERT_TRUE(source.Start().ok());
  ASSERT_TRUE(RunUntil([&] { return !batches_.empty() && !node_batches_.empty(); }));
  EXPECT_THAT(batches_, ElementsAre(ElementsAre("+web")));
  EXPECT_TRUE(Complains("Pod shop/bad: spec.hostNetwork"));
  EXPECT_TRUE(Fence());
  EXPECT_THAT(threads_, ElementsAre(std::this_thread::get_id()));
}

TEST_F(SourceThreadTest, AThreadThatIsGoneTellsNothingAnyMore) {
  server_.Put(kPods, "web", kPod);
  auto source = std::make_unique<SourceThread>(io_, spec_, *this);
  ASSERT_TRUE(source->Start().ok());
  ASSERT_TRUE(RunUntil([&] { return server_.open_watches() == 3; }));
  // What has been handed over and not heard is not heard any more.
  source.reset();
  const size_t heard = batches_.size();
  io_.restart();
  io_.poll();
  EXPECT_EQ(batches_.size(), heard);
}

TEST_F(SourceThreadTest, AThreadReportsCredentialsThatCannotBeUsedAtOnce) {
  spec_.access.token = FilePath{"/nonexistent/token"};
  SourceThread source(io_, spec_, *this);
  const Status started = source.Start();
  ASSERT_FALSE(started.ok());
  EXPECT_THAT(started.error().message(), HasSubstr("/nonexistent/token"));
}

}  // namespace
}  // namespace sluice::kube
