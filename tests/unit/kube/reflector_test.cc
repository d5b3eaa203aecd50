// Each transition of the state machine in reflector.h.
#include "agent/kube/reflector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::kube {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using State = Reflector::State;

constexpr milliseconds kLong{300'000};

ApiObject PodNamed(const std::string& name, const std::string& version = "1") {
  store::Pod pod;
  pod.key = {"shop", name};
  return {pod.key, version, store::Object(pod), {}};
}
WatchEvent Put(const std::string& name, const std::string& version) {
  return ObjectChange{ObjectChange::Type::kPut, PodNamed(name, version)};
}
WatchEvent Delete(const std::string& name, const std::string& version) {
  return ObjectChange{ObjectChange::Type::kDeleted, PodNamed(name, version)};
}
WatchEvent InitialEventsEnd(const std::string& version) { return Bookmark{version, true}; }
Refusal Refused(int code, const std::string& reason = "") {
  return {{code, reason, "", false}, {}};
}

std::string TargetOf(const Step& step) {
  const auto* request = std::get_if<Request>(&step);
  return request == nullptr ? "wait" : request->target;
}
milliseconds WaitOf(const Step& step) {
  const auto* wait = std::get_if<Wait>(&step);
  return wait == nullptr ? milliseconds(-1) : wait->duration;
}

class ReflectorTest : public testing::Test {
 protected:
  std::vector<std::string> Events() {
    std::vector<std::string> events;
    for (const store::StoreEvent& event : reflector_.TakeEvents()) {
      events.push_back((event.object ? "+" : "-") + event.key.name);
    }
    return events;
  }
  std::vector<std::string> Complaints() const {
    std::vector<std::string> complaints;
    for (const Complaint& complaint : reflector_.Complaints()) complaints.push_back(complaint.text);
    return complaints;
  }
  // Watching from version 10 on, with pods a and b known, by a streaming list.
  void StreamTwoPods() {
    reflector_.Start();
    reflector_.OnAccepted();
    ASSERT_FALSE(reflector_.OnEvents({Put("a", "3"), Put("b", "4"), InitialEventsEnd("10")}));
    ASSERT_THAT(Events(), ElementsAre("+a", "+b"));
  }
  // The first page of a paged list is asked for.
  void StartPaged() {
    reflector_.Start();
    step_ = reflector_.OnRefused(Refused(422, "Invalid"));
    ASSERT_EQ(reflector_.state(), State::kListing);
  }

  Reflector reflector_{{.resource = Resource::kPods, .page_size = 2}};
  Step step_;
};

TEST_F(ReflectorTest, ItBeginsWithAStreamingList) {
  EXPECT_EQ(reflector_.state(), State::kIdle);
  step_ = reflector_.Start();
  EXPECT_EQ(reflector_.state(), State::kStreamingList);
  EXPECT_THAT(TargetOf(step_), AllOf(HasSubstr("watch=true"), HasSubstr("sendInitialEvents=true"),
                                     Not(HasSubstr("resourceVersion="))));
  EXPECT_EQ(std::get<Request>(step_).answer, AnswerKind::kWatch);
}

TEST_F(ReflectorTest, AStreamingListIsInForceWithItsLastBookmark) {
  reflector_.Start();
  reflector_.OnAccepted();
  EXPECT_FALSE(reflector_.OnEvents({Put("a", "3"), Put("b", "4")}));
  EXPECT_FALSE(reflector_.OnEvents({Bookmark{"9", false}}));
  EXPECT_THAT(Events(), IsEmpty());
  EXPECT_FALSE(reflector_.synced());

  EXPECT_FALSE(reflector_.OnEvents({InitialEventsEnd("10"), Put("c", "11")}));
  EXPECT_THAT(Events(), ElementsAre("+a", "+b", "+c"));
  EXPECT_TRUE(reflector_.synced());
  EXPECT_EQ(reflector_.state(), State::kWatching);
  EXPECT_THAT(TargetOf(reflector_.OnWatchEnd(kLong)), HasSubstr("&resourceVersion=11"));
}

TEST_F(ReflectorTest, AServerWithoutStreamingListsIsAskedForPages) {
  for (const int code : {400, 422}) {
    Reflector reflector({.resource = Resource::kPods, .page_size = 2});
    reflector.Start();
    EXPECT_EQ(TargetOf(reflector.OnRefused(Refused(code))), "/api/v1/pods?limit=2");
    EXPECT_EQ(reflector.state(), State::kListing);
    EXPECT_THAT(reflector.Complaints(), IsEmpty());
  }
}

TEST_F(ReflectorTest, AServerThatPassesOverSendInitialEventsIsAskedForPages) {
  reflector_.Start();
  reflector_.OnAccepted();
  reflector_.OnEvents({Put("a", "3")});
  reflector_.OnFailed(Timeout("silent"));
  EXPECT_EQ(TargetOf(reflector_.OnWaited()), "/api/v1/pods?limit=2");
}

TEST_F(ReflectorTest, AStreamingListThatBreaksOffIsBegunAgainAndNothingOfItCounts) {
  reflector_.Start();
  reflector_.OnAccepted();
  reflector_.OnEvents({Put("a", "3")});
  EXPECT_GT(WaitOf(reflector_.OnWatchEnd(kLong)), milliseconds(0));
  EXPECT_THAT(TargetOf(reflector_.OnWaited()), HasSubstr("sendInitialEvents"));
  reflector_.OnEvents({Put("b", "3"), InitialEventsEnd("10")});
  EXPECT_THAT(Events(), ElementsAre("+b"));
}

TEST_F(ReflectorTest, PagesAreOneList) {
  StartPaged();
  EXPECT_EQ(std::get<Request>(step_).answer, AnswerKind::kList);
  reflector_.OnAccepted();
  reflector_.OnItems({PodNamed("a")});
  reflector_.OnItems({PodNamed("b")});
  EXPECT_EQ(TargetOf(reflector_.OnListEnd({"20", "tok"})), "/api/v1/pods?limit=2&continue=tok");
  EXPECT_THAT(Events(), IsEmpty());
  EXPECT_FALSE(reflector_.synced());

  reflector_.OnItems({PodNamed("c")});
  EXPECT_THAT(TargetOf(reflector_.OnListEnd({"20", ""})),
              AllOf(HasSubstr("watch=true"), HasSubstr("resourceVersion=20"),
                    HasSubstr("allowWatchBookmarks=true"), Not(HasSubstr("sendInitial"))));
  EXPECT_EQ(reflector_.state(), State::kWatching);
  EXPECT_TRUE(reflector_.synced());
  EXPECT_THAT(Events(), ElementsAre("+a", "+b", "+c"));
}

TEST_F(ReflectorTest, GoneAtAContinuationListsAgainInOneAnswer) {
  StartPaged();
  reflector_.OnItems({PodNamed("a"), PodNamed("b")});
  reflector_.OnListEnd({"20", "tok"});
  EXPECT_EQ(TargetOf(reflector_.OnRefused(Refused(410, "Expired"))), "/api/v1/pods");
  EXPECT_EQ(reflector_.state(), State::kListing);

  reflector_.OnItems({PodNamed("c")});
  reflector_.OnListEnd({"30", ""});
  EXPECT_THAT(Events(), ElementsAre("+c"));  // what the lost list had told does not count
}

TEST_F(ReflectorTest, AContinuationThatNeverEndsIsAFailure) {
  StartPaged();
  reflector_.OnListEnd({"20", "tok"});
  EXPECT_GT(WaitOf(reflector_.OnListEnd({"20", "tok"})), milliseconds(0));
}

TEST_F(ReflectorTest, AfterAPagedListStreamingIsTriedAgain) {
  StartPaged();
  reflector_.OnListEnd({"20", ""});
  reflector_.OnRefused(Refused(410));
  EXPECT_THAT(TargetOf(reflector_.OnWaited()), HasSubstr("sendInitialEvents"));
}

TEST_F(ReflectorTest, AListThatFailsIsBegunAgain) {
  StartPaged();
  reflector_.OnListEnd({"20", "tok"});
  reflector_.OnFailed(Unavailable("connection reset"));
  EXPECT_EQ(reflector_.state(), State::kBackingOff);
  EXPECT_EQ(TargetOf(reflector_.OnWaited()), "/api/v1/pods?limit=2");
}

TEST_F(ReflectorTest, ChangesMoveTheVersionAndBookmarksToo) {
  StreamTwoPods();
  EXPECT_FALSE(reflector_.OnEvents({Put("c", "11"), Delete("a", "12")}));
  EXPECT_THAT(Events(), ElementsAre("+c", "-a"));
  EXPECT_THAT(TargetOf(reflector_.OnWatchEnd(kLong)), HasSubstr("resourceVersion=12"));
  EXPECT_FALSE(reflector_.OnEvents({Bookmark{"40", false}}));
  EXPECT_THAT(Events(), IsEmpty());
  EXPECT_THAT(TargetOf(reflector_.OnWatchEnd(kLong)), HasSubstr("resourceVersion=40"));
}

TEST_F(ReflectorTest, AnObjectThatMakesNoSenseMovesTheVersionToo) {
  StreamTwoPods();
  ApiObject bad = PodNamed("a", "11");
  bad.content = decode::DecodeError{"Pod shop/a", "status", "x"};
  EXPECT_FALSE(reflector_.OnEvents({ObjectChange{ObjectChange::Type::kPut, bad}}));
  EXPECT_THAT(Events(), IsEmpty());
  EXPECT_THAT(Complaints(), ElementsAre("Pod shop/a: status: x"));
  EXPECT_THAT(TargetOf(reflector_.OnWatchEnd(kLong)), HasSubstr("resourceVersion=11"));
}

TEST_F(ReflectorTest, AWatchThatTimesOutGoesOnAtOnce) {
  StreamTwoPods();
  EXPECT_THAT(TargetOf(reflector_.OnWatchEnd(kLong)), HasSubstr("resourceVersion=10"));
  // Also one in which nothing happened.
  EXPECT_THAT(TargetOf(reflector_.OnWatchEnd(kLong)), HasSubstr("resourceVersion=10"));
  EXPECT_THAT(Complaints(), IsEmpty());
}

TEST_F(ReflectorTest, AWatchThatEndsAtOnceBacksOff) {
  StreamTwoPods();
  reflector_.OnWatchEnd(kLong);
  EXPECT_GT(WaitOf(reflector_.OnWatchEnd(milliseconds(5))), milliseconds(0));
  EXPECT_THAT(TargetOf(reflector_.OnWaited()), HasSubstr("resourceVersion=10"));
}

TEST_F(ReflectorTest, GoneAtTheStartOfAWatchListsAgainAndReplaces) {
  StreamTwoPods();
  reflector_.OnWatchEnd(kLong);
  EXPECT_GT(WaitOf(reflector_.OnRefused(Refused(410, "Expired"))), milliseconds(0));
  EXPECT_THAT(Complaints(), IsEmpty());  // no trouble, only work
  EXPECT_THAT(TargetOf(reflector_.OnWaited()), HasSubstr("sendInitialEvents"));
  EXPECT_FALSE(reflector_.OnEvents({Put("b", "44"), Put("c", "45")}));
  EXPECT_THAT(Events(), IsEmpty());  // what is known stays in force until the list is whole
  EXPECT_FALSE(reflector_.OnEvents({InitialEventsEnd("50")}));
  EXPECT_THAT(Events(), ElementsAre("-a", "+b", "+c"));
}

TEST_F(ReflectorTest, GoneAsAnEventListsAgainAndKeepsWhatCameBefore) {
  StreamTwoPods();
  const auto step = reflector_.OnEvents(
      {Put("c", "11"), ApiStatus{410, "Expired", "", false}, Put("never", "12")});
  ASSERT_TRUE(step);
  EXPECT_GT(WaitOf(*step), milliseconds(0));
  EXPECT_THAT(Events(), ElementsAre("+c"));
  EXPECT_THAT(TargetOf(reflector_.OnWaited()), HasSubstr("sendInitialEvents"));
}

TEST_F(ReflectorTest, AServerThatIsBehindUsListsAgain) {
  StreamTwoPods();
  reflector_.OnRefused({{504, "Timeout", "Too large resource version", true}, {}});
  EXPECT_THAT(TargetOf(reflector_.OnWaited()), HasSubstr("sendInitialEvents"));
}

TEST_F(ReflectorTest, WhatPassesIsWatchedAgainFromWhereItWas) {
  for (const int code : {401, 403, 429, 500, 503}) {
    Reflector reflector({.resource = Resource::kPods});
    reflector.Start();
    reflector.OnEvents({InitialEventsEnd("10")});
    reflector.OnRefused(Refused(code));
    EXPECT_THAT(TargetOf(reflector.OnWaited()), HasSubstr("resourceVersion=10")) << code;
  }
  StreamTwoPods();
  reflector_.OnFailed(Unavailable("connection reset"));
  EXPECT_THAT(TargetOf(reflector_.OnWaited()), HasSubstr("resourceVersion=10"));
}

TEST_F(ReflectorTest, AWatchThatMakesNoSenseListsAgain) {
  StreamTwoPods();
  reflector_.OnFailed(Invalid("not JSON"));
  EXPECT_THAT(TargetOf(reflector_.OnWaited()), HasSubstr("sendInitialEvents"));

  reflector_.OnEvents({InitialEventsEnd("10")});
  reflector_.OnRefused(Refused(400, "BadRequest"));
  EXPECT_THAT(TargetOf(reflector_.OnWaited()), HasSubstr("sendInitialEvents"));
}

TEST_F(ReflectorTest, ALongOutageTakesNothingOutOfForceAndSaysSo) {
  StreamTwoPods();
  for (int i = 0; i < 1000; ++i) {
    reflector_.OnFailed(Unavailable("connect: refused"));
    reflector_.OnWaited();
  }
  EXPECT_THAT(Events(), IsEmpty());
  EXPECT_TRUE(reflector_.synced());
  EXPECT_THAT(Complaints(),
              ElementsAre("pods: watch: connect: refused; what is known stays in force"));
  reflector_.OnAccepted();
  EXPECT_THAT(Complaints(), IsEmpty());
}

TEST_F(ReflectorTest, ARefusalSaysWhoRefusedWhat) {
  reflector_.Start();
  reflector_.OnRefused({{403, "Forbidden", "pods is forbidden", false}, {}});
  EXPECT_THAT(Complaints(),
              ElementsAre("pods: streaming list refused: 403 Forbidden: pods is forbidden"));
}

TEST_F(ReflectorTest, WaitsGrowToABoundAndStartAnewWhenAWatchWorks) {
  StreamTwoPods();
  const auto fail = [&] {
    const milliseconds wait = WaitOf(reflector_.OnFailed(Unavailable("x")));
    reflector_.OnWaited();
    return wait;
  };
  EXPECT_LE(fail(), milliseconds(750));
  for (int i = 0; i < 10; ++i) fail();
  for (int i = 0; i < 10; ++i) {
    const milliseconds wait = fail();
    EXPECT_GE(wait, milliseconds(10'000));
    EXPECT_LE(wait, milliseconds(30'000));
  }
  reflector_.OnAccepted();  // an answer is not yet a watch that works
  EXPECT_GE(fail(), milliseconds(10'000));
  reflector_.OnEvents({Bookmark{"11", false}});
  EXPECT_LE(fail(), milliseconds(750));
}

TEST_F(ReflectorTest, AListWhoseWatchIsGoneEachTimeIsNotRepeatedWithoutAWait) {
  StartPaged();
  milliseconds longest{0};
  for (int i = 0; i < 10; ++i) {
    reflector_.OnListEnd({"20", ""});
    longest = std::max(longest, WaitOf(reflector_.OnRefused(Refused(410))));
    reflector_.OnWaited();
    reflector_.OnRefused(Refused(422));
  }
  EXPECT_GE(longest, milliseconds(10'000));
}

TEST_F(ReflectorTest, TwoAgentsDoNotComeBackTogether) {
  std::set<milliseconds> waits;
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    Reflector reflector({.resource = Resource::kPods, .seed = seed});
    reflector.Start();
    waits.insert(WaitOf(reflector.OnFailed(Unavailable("x"))));
  }
  EXPECT_GT(waits.size(), 10U);
}

TEST_F(ReflectorTest, AServerThatNamesATimeIsObeyedWithinReason) {
  StreamTwoPods();
  EXPECT_GE(WaitOf(reflector_.OnRefused({{429, "", "", false}, std::chrono::seconds(5)})),
            milliseconds(5000));
  EXPECT_LE(WaitOf(reflector_.OnRefused({{429, "", "", false}, std::chrono::hours(5)})),
            milliseconds(20'000));
}

}  // namespace
}  // namespace sluice::kube
