// Events written over real TLS to a fake apiserver.
#include "agent/kube/event_sender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/api_server_fixture.h"

namespace sluice::kube {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::SizeIs;

Event About(const std::string& name) {
  return {.object = {.kind = store::ObjectKind::kNetworkPolicy,
                     .key = {"shop", name},
                     .uid = "u",
                     .resource_version = "1"},
          .reason = "PolicyNotUnderstood",
          .message = "NetworkPolicy shop/" + name + ": spec: ..."};
}

class EventSenderTest : public fakes::ApiServerFixture {
 protected:
  EventSenderTest() { server_.faults().token = "secret"; }

  std::shared_ptr<EventSender> SenderOf(const std::string& node) {
    EventSender::Spec spec;
    spec.access = Access();
    spec.access.token = FilePath{token_};
    spec.node = node;
    spec.queue.backoff = {.first = milliseconds(5), .max = milliseconds(5)};
    return std::make_shared<EventSender>(io_, spec);
  }

  std::string token_ = Write("token", "secret");
};

TEST_F(EventSenderTest, CreatesEventsInTheirNamespace) {
  const auto sender = SenderOf("node-1");
  sender->Tell(About("a"));
  sender->Tell(About("b"));
  ASSERT_TRUE(RunUntil([&] { return sender->queue().sent() == 2; }));
  ASSERT_THAT(server_.created(), SizeIs(2));
  EXPECT_EQ(server_.created()[0].target, "/api/v1/namespaces/shop/events");
  EXPECT_THAT(server_.created()[0].body, HasSubstr("\"reportingInstance\":\"node-1\""));
  EXPECT_THAT(server_.created()[1].body, HasSubstr("NetworkPolicy shop/b"));
}

TEST_F(EventSenderTest, ManyNodesMakeOneEvent) {
  const auto first = SenderOf("node-1");
  const auto second = SenderOf("node-2");
  first->Tell(About("a"));
  second->Tell(About("a"));
  ASSERT_TRUE(RunUntil([&] { return first->queue().sent() == 1 && second->queue().sent() == 1; }));
  EXPECT_THAT(server_.created(), SizeIs(1));
}

TEST_F(EventSenderTest, AnApiserverThatIsAwayIsAskedAgainWithTheTokenOfThen) {
  server_.faults().answer = fakes::RawAnswer{503, "{}", ""};
  const auto sender = SenderOf("node-1");
  sender->Tell(About("a"));
  ASSERT_TRUE(RunUntil([&] { return !server_.requests().empty(); }));
  Write("token", "rotated");
  server_.faults().token = "rotated";
  server_.faults().answer.reset();
  ASSERT_TRUE(RunUntil([&] { return sender->queue().sent() == 1; }));
  EXPECT_THAT(server_.created(), SizeIs(1));
}

TEST_F(EventSenderTest, WhoMayNotWriteEventsDoesNotTryAgain) {
  server_.faults().answer = fakes::RawAnswer{403, "{}", ""};
  const auto sender = SenderOf("node-1");
  sender->Tell(About("a"));
  sender->Tell(About("b"));
  ASSERT_TRUE(RunUntil([&] { return sender->queue().sent() == 2; }));
  EXPECT_THAT(server_.requests(), SizeIs(2));
}

}  // namespace
}  // namespace sluice::kube
