// CNI ADDs that wait for their pod.
#include "agent/pod_waiters.h"

#include <gtest/gtest.h>

#include "tests/fakes/builders.h"

namespace sluice {
namespace {

using cni_server::PodRef;
using fakes::PodBuilder;
using fakes::Present;

class PodWaitersTest : public testing::Test {
 protected:
  store::ClusterStore store_;
  PodWaiters waiters_;
  int found_ = 0;
};

TEST_F(PodWaitersTest, RunsWhenThePodOfThatUidIsThere) {
  waiters_.Await(PodRef{{"shop", "db"}, "new"}, [this] { ++found_; });

  // The predecessor of the same name is another pod.
  store_.Apply(Present(store::Pod(PodBuilder("shop", "db").Uid("old"))));
  waiters_.OnObjects(store_);
  EXPECT_EQ(found_, 0);

  store_.Apply(Present(store::Pod(PodBuilder("shop", "db").Uid("new"))));
  waiters_.OnObjects(store_);
  waiters_.OnObjects(store_);
  EXPECT_EQ(found_, 1);
}

TEST_F(PodWaitersTest, AMissingUidOnEitherSideIsAnyPodOfTheName) {
  store_.Apply(Present(store::Pod(PodBuilder("shop", "db").Uid("u"))));
  store_.Apply(Present(store::Pod(PodBuilder("shop", "manifest"))));

  EXPECT_TRUE(PodWaiters::Known(store_, PodRef{{"shop", "db"}, ""}));
  EXPECT_TRUE(PodWaiters::Known(store_, PodRef{{"shop", "manifest"}, "u"}));
  EXPECT_FALSE(PodWaiters::Known(store_, PodRef{{"shop", "nobody"}, ""}));
}

TEST_F(PodWaitersTest, ACancelledWaiterNeverRuns) {
  const uint64_t id = waiters_.Await(PodRef{{"shop", "db"}, ""}, [this] { ++found_; });

  EXPECT_TRUE(waiters_.Cancel(id));
  store_.Apply(Present(store::Pod(PodBuilder("shop", "db"))));
  waiters_.OnObjects(store_);

  EXPECT_EQ(found_, 0);
  EXPECT_FALSE(waiters_.Cancel(id));
}

}  // namespace
}  // namespace sluice
