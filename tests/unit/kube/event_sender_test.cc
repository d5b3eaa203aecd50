// Events written over real TLS to a fake apiserver.
#include "agent/kube/event_sender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <functional>

#include "tests/fakes/fake_api_server.h"

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

class EventSenderTest : public testing::Test {
 protected:
  EventSenderTest() {
    server_.faults().token = "secret";
    std::ofstream(token_) << "secret";
  }
  ~EventSenderTest() override { unlink(token_.c_str()); }

  std::shared_ptr<EventSender> SenderOf(const std::string& node) {
    EventSender::Spec spec;
    spec.access.server = {"127.0.0.1", server_.port(), ""};
    spec.access.ca = Inline{authority_.pem()};
    spec.access.token = FilePath{token_};
    spec.node = node;
    spec.queue.backoff = {.first = milliseconds(5), .max = milliseconds(5)};
    return std::make_shared<EventSender>(io_, spec);
  }
  bool RunUntil(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done() && std::chrono::steady_clock::now() < deadline) {
      io_.restart();
      io_.run_one_for(milliseconds(20));
    }
    return done();
  }

  boost::asio::io_context io_;
  fakes::TestAuthority authority_;
  fakes::FakeApiServer server_{io_, {authority_.Issue("apiserver", "IP:127.0.0.1"), ""}};
  std::string token_ = testing::TempDir() + "event_sender_token";
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
  std::ofstream(token_) << "rotated";
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
