#include "agent/cni_server/cni_server.h"

#include <gtest/gtest.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "cni/graveyard.h"
#include "tests/fakes/temp_dir.h"
#include "tests/unit/cni_server/fake_steps.h"

namespace sluice::cni_server {
namespace {

using boost::asio::local::stream_protocol;
using boost::system::error_code;
using std::chrono::milliseconds;

// A plugin on the same io_context.
class Client {
 public:
  Client(boost::asio::io_context& io, const std::string& path) : socket_(io) {
    error_code error;
    socket_.connect(stream_protocol::endpoint(path), error);
    EXPECT_FALSE(error) << error.message();
    boost::asio::async_read(socket_, boost::asio::dynamic_buffer(received_),
                            [this](const error_code&, size_t) { closed_ = true; });
  }

  void Send(const std::string& bytes) {
    error_code error;
    boost::asio::write(socket_, boost::asio::buffer(bytes), error);
    EXPECT_FALSE(error) << error.message();
  }
  void Send(const cni::Request& request) { Send(cni::Frame(cni::EncodeRequest(request))); }
  void HangUp() { socket_.close(); }

  bool closed() const { return closed_; }
  cni::Response response() const {
    if (received_.size() < sizeof(cni::FrameHeader)) return Internal("no response");
    Result<cni::Response> response = cni::DecodeResponse(received_.substr(4));
    return response.ok() ? std::move(response).value() : cni::Response(response.error());
  }

 private:
  stream_protocol::socket socket_;
  std::string received_;
  bool closed_ = false;
};

class CniServerTest : public testing::Test {
 protected:
  CniServerTest() { EXPECT_TRUE(server_->Start().ok()); }

  // Turns the event loop until `reached`; false after ten seconds.
  bool Until(const std::function<bool()>& reached) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!reached() && std::chrono::steady_clock::now() < deadline) {
      io_.restart();
      io_.run_one_for(milliseconds(5));
      steps_.Run();
    }
    return reached();
  }
  cni::Request Del() const {
    cni::Request request = AddRequest();
    request.verb = cni::Verb::kDel;
    return request;
  }

  fakes::TempDir dir_;
  std::string path_ = dir_ / "cni.sock";
  FakeSteps steps_;
  boost::asio::io_context io_;
  CniServerSpec spec_{.socket_path = path_, .max_clients = 3, .idle_timeout = milliseconds(200)};
  std::unique_ptr<CniServer> server_ = std::make_unique<CniServer>(io_, spec_, steps_);
};

TEST_F(CniServerTest, AnswersAddCheckAndDel) {
  Client add(io_, path_);
  add.Send(AddRequest());
  ASSERT_TRUE(Until([&] { return add.closed(); }));
  ASSERT_TRUE(add.response().ok()) << add.response().error().message();
  EXPECT_EQ(add.response().value().attached->mac.ToString(), "0a:58:0a:f4:00:05");

  cni::Request request = AddRequest();
  request.verb = cni::Verb::kCheck;
  Client check(io_, path_);
  check.Send(request);
  ASSERT_TRUE(Until([&] { return check.closed(); }));
  EXPECT_TRUE(check.response().ok()) << check.response().error().message();

  Client del(io_, path_);
  del.Send(Del());
  ASSERT_TRUE(Until([&] { return del.closed(); }));
  EXPECT_TRUE(del.response().ok());
  EXPECT_TRUE(steps_.Empty());
}

TEST_F(CniServerTest, AnswersMalformedRequestsAndServesOn) {
  const std::vector<std::string> malformed{cni::Frame("hello"), cni::Frame("{}"),
                                           std::string("\0\0\0\0", 4), "GET / HTTP/1.1\r\n\r\n",
                                           cni::Frame(std::string(1000, '['))};
  for (const std::string& bytes : malformed) {
    Client client(io_, path_);
    client.Send(bytes);
    ASSERT_TRUE(Until([&] { return client.closed(); }));
    EXPECT_EQ(client.response().error().code(), ErrorCode::kInvalid);
    EXPECT_EQ(client.response().error().message().rfind("malformed request: ", 0), 0u)
        << client.response().error().message();
  }
  Client client(io_, path_);
  client.Send(AddRequest());
  ASSERT_TRUE(Until([&] { return client.closed(); }));
  EXPECT_TRUE(client.response().ok());
}

TEST_F(CniServerTest, DelWaitsForAnAddInFlightAndHoldsNobodyElseUp) {
  steps_.Hold("Enforce");
  Client add(io_, path_);
  add.Send(AddRequest());
  ASSERT_TRUE(Until([&] { return steps_.endpoints.size() == 1; }));
  Client del(io_, path_);
  del.Send(Del());
  cni::Request other = Del();
  other.container_id = "c2";
  Client unrelated(io_, path_);
  unrelated.Send(other);
  ASSERT_TRUE(Until([&] { return unrelated.closed(); }));
  EXPECT_FALSE(del.closed());
  EXPECT_EQ(steps_.endpoints.size(), 1u);

  steps_.Release("Enforce");
  ASSERT_TRUE(Until([&] { return del.closed(); }));
  EXPECT_TRUE(add.response().ok());
  EXPECT_TRUE(del.response().ok());
  EXPECT_TRUE(steps_.Empty());
}

TEST_F(CniServerTest, FinishesAnAddWhoseClientHasGone) {
  steps_.Hold("AddPort");
  Client add(io_, path_);
  add.Send(AddRequest());
  ASSERT_TRUE(Until([&] { return steps_.ports.size() == 1; }));
  add.HangUp();
  steps_.Release("AddPort");
  EXPECT_TRUE(Until([&] { return steps_.endpoints.size() == 1; }));
}

TEST_F(CniServerTest, LetsSilentClientsGoToMakeRoom) {
  Client first(io_, path_);
  Client second(io_, path_);
  Client third(io_, path_);
  Client fourth(io_, path_);
  fourth.Send(AddRequest());
  ASSERT_TRUE(Until([&] { return fourth.closed(); }));
  EXPECT_TRUE(fourth.response().ok());
  EXPECT_TRUE(first.closed() || second.closed() || third.closed());
}

TEST_F(CniServerTest, HonoursTombstones) {
  Client add(io_, path_);
  add.Send(AddRequest());
  ASSERT_TRUE(Until([&] { return add.closed(); }));
  const std::string deleted = dir_ / "deleted";
  ASSERT_TRUE(cni::Bury(deleted, {.container_id = "c1", .ifname = "eth0"}).ok());

  steps_.failures = {{"DeletePort", Unavailable("no database")}};
  server_->HonourTombstones();
  ASSERT_TRUE(Until([&] { return steps_.links.empty(); }));
  EXPECT_TRUE(std::filesystem::exists(deleted + "/c1:eth0"));  // to be tried again

  steps_.failures.clear();
  io_.poll();
  server_->HonourTombstones();
  EXPECT_TRUE(Until([&] { return !std::filesystem::exists(deleted + "/c1:eth0"); }));
  EXPECT_TRUE(steps_.Empty());
}

TEST_F(CniServerTest, ATombstoneDoesNotOutliveAnAddOfItsName) {
  const std::string deleted = dir_ / "deleted";
  ASSERT_TRUE(cni::Bury(deleted, {.container_id = "c1", .ifname = "eth0"}).ok());
  steps_.Hold("Enforce");
  Client add(io_, path_);
  add.Send(AddRequest());
  ASSERT_TRUE(Until([&] { return steps_.endpoints.size() == 1; }));
  server_->HonourTombstones();
  steps_.Release("Enforce");
  ASSERT_TRUE(Until([&] { return add.closed(); }));
  // A request behind the tombstone's turn shows that it is over.
  cni::Request check = AddRequest();
  check.verb = cni::Verb::kCheck;
  Client after(io_, path_);
  after.Send(check);
  ASSERT_TRUE(Until([&] { return after.closed(); }));
  EXPECT_TRUE(after.response().ok()) << after.response().error().message();
  EXPECT_FALSE(std::filesystem::exists(deleted + "/c1:eth0"));
}

TEST_F(CniServerTest, CollectsWhatIsStaleAndLeavesWhatIsBeingAttached) {
  const auto attach = [&](const std::string& container, uint32_t address) {
    cni::Request request = AddRequest();
    request.container_id = container;
    request.ips = {IpAddress::FromV4(address)};
    auto client = std::make_unique<Client>(io_, path_);
    client->Send(request);
    return client;
  };
  const auto kept = attach("kept", 0x0af40005);
  const auto stale = attach("stale", 0x0af40006);
  ASSERT_TRUE(Until([&] { return kept->closed() && stale->closed(); }));
  steps_.Hold("Enforce");
  const auto young = attach("young", 0x0af40007);
  ASSERT_TRUE(Until([&] { return steps_.endpoints.size() == 3; }));

  cni::Request gc;
  gc.verb = cni::Verb::kGc;
  gc.network = AddRequest().network;
  gc.valid_attachments = {{"kept", "eth0"}};
  Client collector(io_, path_);
  collector.Send(gc);
  ASSERT_TRUE(Until([&] { return collector.closed(); }));
  ASSERT_TRUE(collector.response().ok()) << collector.response().error().message();
  EXPECT_EQ(collector.response()->collected,
            (cni::Collected{.removed = {{"stale", "eth0"}}, .left = ""}));

  steps_.Release("Enforce");
  ASSERT_TRUE(Until([&] { return young->closed(); }));
  EXPECT_TRUE(young->response().ok());
  EXPECT_EQ(steps_.endpoints.size(), 2u);
}

TEST_F(CniServerTest, AnswersStatusWhileOthersWait) {
  steps_.Hold("Enforce");
  Client add(io_, path_);
  add.Send(AddRequest());
  ASSERT_TRUE(Until([&] { return steps_.endpoints.size() == 1; }));
  cni::Request request;
  request.verb = cni::Verb::kStatus;
  Client status(io_, path_);
  status.Send(request);
  ASSERT_TRUE(Until([&] { return status.closed(); }));
  EXPECT_TRUE(status.response().ok());
  EXPECT_FALSE(add.closed());
  steps_.Release("Enforce");
  ASSERT_TRUE(Until([&] { return add.closed(); }));
}

TEST_F(CniServerTest, RemovesWhatHasNoLinkAnyMore) {
  cni::Request second = AddRequest();
  second.container_id = "c2";
  second.ips = {IpAddress::FromV4(0x0af40006)};
  Client one(io_, path_);
  one.Send(AddRequest());
  Client two(io_, path_);
  two.Send(second);
  ASSERT_TRUE(Until([&] { return one.closed() && two.closed(); }));

  steps_.links.erase(store::HostIfname({"c2", "eth0"}));
  server_->RemoveLost();
  ASSERT_TRUE(Until([&] { return steps_.ports.size() == 1; }));
  EXPECT_EQ(steps_.endpoints.begin()->first, (store::AttachmentId{"c1", "eth0"}));
  EXPECT_EQ(steps_.endpoints.size(), 1u);
}

TEST_F(CniServerTest, CanBeDestroyedWithRequestsUnderWay) {
  steps_.Hold("Enforce");
  Client add(io_, path_);
  add.Send(AddRequest());
  Client silent(io_, path_);
  ASSERT_TRUE(Until([&] { return steps_.endpoints.size() == 1; }));
  server_.reset();
  steps_.Release("Enforce");
  EXPECT_TRUE(Until([&] { return add.closed() && silent.closed(); }));
}

TEST_F(CniServerTest, RefusesToStartBesideAnother) {
  CniServer second(io_, spec_, steps_);
  EXPECT_EQ(second.Start().error().code(), ErrorCode::kRefused);
}

}  // namespace
}  // namespace sluice::cni_server
