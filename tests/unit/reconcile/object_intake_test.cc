#include "agent/reconcile/object_intake.h"

#include <gtest/gtest.h>

#include "tests/fakes/builders.h"

namespace sluice::reconcile {
namespace {

using fakes::Gone;
using fakes::PodBuilder;
using fakes::Present;

const pipeline::NodePorts kNode{.gateway = OfPort{1},
                                .mac = {},
                                .addresses = {*ParseIp("10.244.0.1")},
                                .sctp = pipeline::SctpPorts::kFromHeader};

store::Pod Pod(size_t n, const std::string& app = "a") {
  return PodBuilder("shop", "pod-" + std::to_string(n)).Labels({{"app", app}});
}

std::vector<store::StoreEvent> Pods(size_t count) {
  std::vector<store::StoreEvent> events;
  for (size_t n = 0; n < count; ++n) events.push_back(Present(Pod(n)));
  return events;
}

class ObjectIntakeTest : public testing::Test {
 protected:
  void TakeAll() {
    while (!intake_.idle()) intake_.Step();
  }
  size_t KnownPods() const {
    size_t count = 0;
    while (AppOf(count) != "gone") ++count;
    return count;
  }
  std::string AppOf(size_t n) const {
    const auto pod = desired_.store().FindPodObject({"shop", "pod-" + std::to_string(n)});
    return pod ? pod->labels.at("app") : "gone";
  }

  DesiredState desired_{kNode};
  ObjectIntake intake_{desired_};
};

constexpr size_t kMany = 3 * ObjectIntake::kSlice + 7;

TEST_F(ObjectIntakeTest, TheFirstBatchComesInSlicesAndIsWholeAtItsEnd) {
  intake_.Add(Pods(kMany));
  EXPECT_FALSE(intake_.Step());
  EXPECT_EQ(KnownPods(), ObjectIntake::kSlice);
  EXPECT_FALSE(intake_.Step());
  EXPECT_FALSE(intake_.Step());
  EXPECT_TRUE(intake_.Step());
  EXPECT_EQ(KnownPods(), kMany);
  EXPECT_TRUE(intake_.idle());
}

TEST_F(ObjectIntakeTest, AnEmptyFirstBatchIsABatch) {
  intake_.Add({});
  EXPECT_TRUE(intake_.Step());
  EXPECT_TRUE(intake_.idle());
}

TEST_F(ObjectIntakeTest, ALaterBatchIsInForceAsAWholeOrNotAtAll) {
  intake_.Add(Pods(kMany));
  TakeAll();
  std::vector<store::StoreEvent> again = Pods(kMany);
  again.front() = Gone(Pod(0));
  again.back() = Present(Pod(kMany - 1, "b"));
  intake_.Add(std::move(again));
  while (!intake_.Step()) {
    EXPECT_EQ(AppOf(0), "a");
    EXPECT_EQ(AppOf(kMany - 1), "a");
  }
  EXPECT_EQ(AppOf(0), "gone");
  EXPECT_EQ(AppOf(kMany - 1), "b");
}

TEST_F(ObjectIntakeTest, ALongLaterBatchIsAppliedInSlicesAndSaysSoMeanwhile) {
  // Given a node that knows many pods, one of them its own,
  intake_.Add(Pods(kMany));
  TakeAll();
  desired_.PutEndpoint(fakes::EndpointOf(Pod(0), OfPort{2}));
  // when a list comes in which all of them differ,
  std::vector<store::StoreEvent> all;
  for (size_t n = 0; n < kMany; ++n) {
    all.push_back(Present(store::Pod(PodBuilder("shop", "pod-" + std::to_string(n))
                                         .Labels({{"app", "b"}})
                                         .Ip("10.244.0." + std::to_string(2 + n)))));
  }
  intake_.Add(all);
  // then it is compared first, and in force once it is whole;
  size_t partly = 0;
  while (!intake_.Step()) {
    EXPECT_EQ(desired_.replacing(), AppOf(0) == "b");
    partly += desired_.replacing() ? 1 : 0;
  }
  EXPECT_EQ(partly, 3U);
  EXPECT_FALSE(desired_.replacing());
  // and slices make no difference.
  DesiredState at_once{kNode};
  at_once.Apply(Pods(kMany));
  at_once.PutEndpoint(fakes::EndpointOf(Pod(0), OfPort{2}));
  at_once.Apply(all);
  EXPECT_EQ(desired_.flows().Flows(), at_once.flows().Flows());
}

TEST_F(ObjectIntakeTest, ALongBatchIsFreedInSlicesBeforeTheNextOneIsLookedAt) {
  intake_.Add(Pods(5000));
  intake_.Add({Present(Pod(0, "b"))});
  while (!intake_.Step()) {
  }
  EXPECT_FALSE(intake_.Step());
  EXPECT_EQ(AppOf(0), "a");
  TakeAll();
  EXPECT_EQ(AppOf(0), "b");
}

TEST_F(ObjectIntakeTest, WhatIsToldTwiceInABatchEndsAsItWasToldLast) {
  intake_.Add(Pods(2));
  TakeAll();
  intake_.Add({Present(Pod(0, "b")), Present(Pod(0)), Gone(Pod(1)), Present(Pod(1))});
  TakeAll();
  EXPECT_EQ(AppOf(0), "a");
  EXPECT_EQ(AppOf(1), "a");
}

TEST_F(ObjectIntakeTest, BatchesKeepTheirOrder) {
  intake_.Add(Pods(kMany));
  intake_.Add({Present(Pod(0, "b"))});
  intake_.Add({Present(Pod(0, "c"))});
  TakeAll();
  EXPECT_EQ(AppOf(0), "c");
}

TEST_F(ObjectIntakeTest, WhatIsKnownChangesNoRevision) {
  intake_.Add(Pods(kMany));
  TakeAll();
  const Revision before = desired_.flows().revision();
  intake_.Add(Pods(kMany));
  TakeAll();
  EXPECT_EQ(desired_.flows().revision(), before);
}

}  // namespace
}  // namespace sluice::reconcile
