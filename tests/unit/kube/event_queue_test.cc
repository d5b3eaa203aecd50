#include "agent/kube/event_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::kube {
namespace {

using Answer = EventQueue::Answer;
using std::chrono::milliseconds;

Event About(const std::string& name) {
  return {.object = {.kind = store::ObjectKind::kNetworkPolicy,
                     .key = {"shop", name},
                     .uid = "",
                     .resource_version = ""},
          .reason = "R",
          .message = "m"};
}

class EventQueueTest : public testing::Test {
 protected:
  // "send NAME", "wait MS", or "" for nothing.
  std::string Next(EventQueue& queue) {
    const auto step = queue.Next(now_);
    if (!step) return "";
    if (const auto* event = std::get_if<Event>(&*step)) return "send " + event->object.key.name;
    return "wait " + std::to_string(std::get<EventQueue::Wait>(*step).duration.count());
  }
  EventQueue::Spec spec_{.waiting = 3,
                         .remembered = 4,
                         .burst = 2,
                         .interval = milliseconds(1000),
                         .tries = 2,
                         .backoff = {.first = milliseconds(100), .max = milliseconds(400)}};
  EventQueue::Time now_{};
};

TEST_F(EventQueueTest, EachIsSentOnceAndOneAtATime) {
  EventQueue queue(spec_);
  queue.Tell(About("a"));
  queue.Tell(About("a"));
  queue.Tell(About("b"));
  EXPECT_EQ(Next(queue), "send a");
  EXPECT_EQ(Next(queue), "");
  queue.OnAnswer(Answer::kDone, now_);
  queue.Tell(About("a"));
  EXPECT_EQ(Next(queue), "send b");
  queue.OnAnswer(Answer::kDone, now_);
  EXPECT_EQ(Next(queue), "");
  EXPECT_EQ(queue.sent(), 2U);
}

TEST_F(EventQueueTest, AfterTheBurstThereIsOneAnInterval) {
  EventQueue queue(spec_);
  for (const std::string name : {"a", "b", "c"}) queue.Tell(About(name));
  for (int i = 0; i < 2; ++i) {
    Next(queue);
    queue.OnAnswer(Answer::kDone, now_);
  }
  EXPECT_EQ(Next(queue), "wait 1000");
  now_ += milliseconds(600);
  EXPECT_EQ(Next(queue), "wait 400");
  now_ += milliseconds(400);
  EXPECT_EQ(Next(queue), "send c");
}

TEST_F(EventQueueTest, AFailureIsTriedAgainLaterAndGivenUpInTheEnd) {
  EventQueue queue(spec_);
  queue.Tell(About("a"));
  queue.Tell(About("b"));
  EXPECT_EQ(Next(queue), "send a");
  queue.OnAnswer(Answer::kFailed, now_);
  EXPECT_EQ(Next(queue), "wait 100");
  now_ += milliseconds(100);
  EXPECT_EQ(Next(queue), "send a");
  queue.OnAnswer(Answer::kFailed, now_);
  now_ += milliseconds(1000);
  EXPECT_EQ(Next(queue), "send b");
  EXPECT_EQ(queue.dropped(), 1U);
}

TEST_F(EventQueueTest, WhatThereIsNoRoomForIsDroppedAndMayBeToldAgain) {
  EventQueue queue(spec_);
  for (const std::string name : {"a", "b", "c", "d"}) queue.Tell(About(name));
  EXPECT_EQ(queue.dropped(), 1U);
  EXPECT_EQ(Next(queue), "send a");
  queue.OnAnswer(Answer::kDone, now_);
  queue.Tell(About("d"));
  for (const std::string name : {"b", "c", "d"}) {
    now_ += milliseconds(1000);
    EXPECT_EQ(Next(queue), "send " + name);
    queue.OnAnswer(Answer::kDone, now_);
  }
}

TEST_F(EventQueueTest, OnlySoManyAreRemembered) {
  EventQueue queue(spec_);
  for (const std::string name : {"a", "b", "c", "d", "e", "a"}) {
    queue.Tell(About(name));
    now_ += milliseconds(1000);
    EXPECT_EQ(Next(queue), "send " + name);
    queue.OnAnswer(Answer::kDone, now_);
  }
}

}  // namespace
}  // namespace sluice::kube
