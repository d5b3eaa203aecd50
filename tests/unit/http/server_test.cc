// The server over real sockets of the loopback interface.
#include "agent/http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace sluice::http {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr milliseconds kDeadline{10'000};

class Client {
 public:
  Client(boost::asio::io_context& io, uint16_t port, const std::string& from) : socket_(io) {
    socket_.open(tcp::v4());
    socket_.bind({boost::asio::ip::make_address(from), 0});
    socket_.connect({boost::asio::ip::make_address("127.0.0.1"), port});
    Receive();
  }
  void Send(const std::string& text) {
    error_code gone;
    boost::asio::write(socket_, boost::asio::buffer(text), gone);
  }
  const std::string& received() const { return received_; }
  bool closed() const { return closed_; }

 private:
  void Receive() {
    socket_.async_read_some(boost::asio::buffer(buffer_), [this](const error_code& end, size_t n) {
      received_.append(buffer_.data(), n);
      closed_ = static_cast<bool>(end);
      if (!closed_) Receive();
    });
  }

  tcp::socket socket_;
  std::array<char, 4096> buffer_{};
  std::string received_;
  bool closed_ = false;
};

class HttpServerTest : public testing::Test {
 protected:
  void Serve(Server::Spec spec = {}) {
    spec.address.host = *ParseIp("127.0.0.1");
    server_ = std::make_unique<Server>(io_, spec, [this](std::string_view path) {
      asked_.emplace_back(path);
      return Answer{.body = "hello\n"};
    });
    ASSERT_TRUE(server_->Start().ok());
  }
  std::unique_ptr<Client> Connect(const std::string& from = "127.0.0.1") {
    return std::make_unique<Client>(io_, server_->port(), from);
  }
  template <typename Condition>
  bool Until(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    while (!condition() && std::chrono::steady_clock::now() < deadline) {
      io_.run_one_for(milliseconds(50));
    }
    return condition();
  }

  boost::asio::io_context io_;
  std::vector<std::string> asked_;
  std::unique_ptr<Server> server_;
};

TEST_F(HttpServerTest, AnswersOneRequestAfterTheOther) {
  Serve();
  const auto client = Connect();
  client->Send("GET /a?x=1 HTTP/1.1\r\nHost: n\r\n\r\nGET /b HTTP/1.1\r\nHost: n\r\n\r\n");
  ASSERT_TRUE(Until([&] { return asked_.size() == 2; }));
  EXPECT_THAT(asked_, testing::ElementsAre("/a", "/b"));
  EXPECT_THAT(client->received(), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"),
                                        HasSubstr("Content-Length: 6\r\n"), HasSubstr("hello\n")));
  EXPECT_FALSE(client->closed());
}

TEST_F(HttpServerTest, HeadHasTheLengthAndNoBody) {
  Serve();
  const auto client = Connect();
  client->Send("HEAD /a HTTP/1.1\r\nHost: n\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(Until([&] { return client->closed(); }));
  EXPECT_THAT(client->received(), AllOf(HasSubstr("Content-Length: 6\r\n"), EndsWith("\r\n\r\n")));
}

TEST_F(HttpServerTest, WhatIsNoGetIsRefusedAndTheConnectionClosed) {
  Serve();
  const std::string long_header(10'000, 'a');
  for (const auto& [request, status] : std::vector<std::pair<std::string, std::string>>{
           {"POST /a HTTP/1.1\r\nHost: n\r\nContent-Length: 0\r\n\r\n", "405"},
           {"DELETE /a HTTP/1.1\r\nHost: n\r\n\r\n", "405"},
           {"GET /a HTTP/1.1\r\nHost: n\r\nContent-Length: 5\r\n\r\nhello", "413"},
           {"GET /a HTTP/1.1\r\nX: " + long_header + "\r\n\r\n", "431"},
           {"GET /a\r\n\r\n", "400"},
           {"\x16\x03\x01\x02garbage\r\n\r\n", "400"}}) {
    const auto client = Connect();
    client->Send(request);
    ASSERT_TRUE(Until([&] { return client->closed(); })) << request;
    EXPECT_THAT(client->received(), StartsWith("HTTP/1.1 " + status)) << request;
  }
  EXPECT_THAT(asked_, testing::IsEmpty());
}

TEST_F(HttpServerTest, ARequestThatTricklesInIsNotWaitedFor) {
  Serve({.address = {}, .clients = {}, .session = {.patience = milliseconds(100)}});
  const auto client = Connect();
  client->Send("GET /a HT");
  ASSERT_TRUE(Until([&] { return client->closed(); }));
  EXPECT_EQ(client->received(), "");
}

TEST_F(HttpServerTest, SilentClientsDoNotKeepAProbeOut) {
  Serve({.address = {}, .clients = {.total = 4, .per_client = 2}, .session = {}});
  std::vector<std::unique_ptr<Client>> silent;
  for (const std::string from : {"127.0.0.2", "127.0.0.2", "127.0.0.3", "127.0.0.3"}) {
    silent.push_back(Connect(from));
  }
  const auto third_of_one = Connect("127.0.0.2");
  ASSERT_TRUE(Until([&] { return third_of_one->closed(); }));

  const auto probe = Connect("127.0.0.1");
  probe->Send("GET /healthz HTTP/1.1\r\nHost: n\r\n\r\n");
  EXPECT_TRUE(Until([&] { return probe->received().find("hello") != std::string::npos; }));
  EXPECT_TRUE(Until([&] { return silent.front()->closed(); }));
  EXPECT_FALSE(silent.back()->closed());
}

TEST_F(HttpServerTest, AClientThatNeverStopsAskingIsAnsweredAtAPaceOnly) {
  Serve({.address = {}, .clients = {.total = 4, .per_client = 1}, .session = {.pause = kDeadline}});
  const auto greedy = Connect();
  greedy->Send("GET /1 HTTP/1.1\r\nHost: n\r\n\r\nGET /2 HTTP/1.1\r\nHost: n\r\n\r\n");
  ASSERT_TRUE(Until([&] { return asked_.size() == 1; }));
  const auto again = Connect();  // its slot is taken
  ASSERT_TRUE(Until([&] { return again->closed(); }));
  EXPECT_THAT(asked_, testing::ElementsAre("/1"));
}

TEST_F(HttpServerTest, AnAddressInUseIsAnErrorThatNamesIt) {
  Serve();
  Server second(io_,
                {.address = {*ParseIp("127.0.0.1"), server_->port()}, .clients = {}, .session = {}},
                [](std::string_view) { return Answer(); });
  const Status started = second.Start();
  ASSERT_FALSE(started.ok());
  EXPECT_THAT(started.error().message(), HasSubstr("127.0.0.1:" + std::to_string(server_->port())));
}

TEST_F(HttpServerTest, NothingIsCalledAfterItsEnd) {
  Serve();
  const auto client = Connect();
  ASSERT_TRUE(Until([&] { return io_.poll_one() == 0; }));
  server_.reset();
  client->Send("GET /a HTTP/1.1\r\nHost: n\r\n\r\n");
  ASSERT_TRUE(Until([&] { return client->closed(); }));
  EXPECT_THAT(asked_, testing::IsEmpty());
}

}  // namespace
}  // namespace sluice::http
