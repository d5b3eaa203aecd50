// How OvsdbClient bears a server that goes away, hangs or talks nonsense: a scripted server in the
// same event loop.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <functional>
#include <optional>

#include "agent/ovsdb/ovsdb_client.h"

namespace sluice::ovsdb {
namespace {

using boost::asio::local::stream_protocol;
using ::testing::HasSubstr;

constexpr std::chrono::seconds kPatience{20};

// A database that knows a bridge with nothing on it.
constexpr char kSnapshot[] =
    R"({"Open_vSwitch":{"R":{"new":{"cur_cfg":1,"next_cfg":1}}},)"
    R"("Bridge":{"B":{"new":{"name":"br-int","datapath_type":"","fail_mode":["set",[]],)"
    R"("other_config":["map",[]],"flow_tables":["map",[]],"ports":["set",[]]}}}})";

// Serves one connection at a time; keeps all it was sent.
class ScriptedServer {
 public:
  ScriptedServer(boost::asio::io_context& io, const std::string& path)
      : acceptor_(io, stream_protocol::endpoint(path)), socket_(io) {
    Accept();
  }

  void Send(const std::string& text) { boost::asio::write(socket_, boost::asio::buffer(text)); }
  void Drop() {
    socket_.close();
    received.clear();
    connected = false;
  }

  bool connected = false;
  std::string received;

 private:
  void Accept() {
    acceptor_.async_accept(
        [this](const boost::system::error_code& failed, stream_protocol::socket socket) {
          if (failed) return;
          socket_ = std::move(socket);
          connected = true;
          received.clear();
          Read();
          Accept();
        });
  }
  void Read() {
    socket_.async_read_some(boost::asio::buffer(input_),
                            [this](const boost::system::error_code& failed, size_t count) {
                              if (failed) return;
                              received.append(input_.data(), count);
                              Read();
                            });
  }

  stream_protocol::acceptor acceptor_;
  stream_protocol::socket socket_;
  std::array<char, 4096> input_{};
};

class Counter : public SwitchDatabase::Listener {
 public:
  void OnSnapshot(const std::vector<InterfaceRow>&) override { ++snapshots; }
  void OnInterface(const InterfaceRow&) override {}
  void OnInterfaceGone(const std::string&) override {}
  void OnDisconnected(const Error& why) override {
    ++disconnects;
    reason = why.message();
  }

  int snapshots = 0;
  int disconnects = 0;
  std::string reason;
};

class OvsdbConnectionTest : public ::testing::Test {
 protected:
  OvsdbConnectionTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "sluice-ovsdb-XXXXXX";
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    server_.emplace(io_, directory_ + "/db.sock");
    client_.emplace(io_,
                    OvsdbClient::Config{.socket_path = directory_ + "/db.sock",
                                        .bridge = "br-int",
                                        .port_type = "",
                                        .deadline = std::chrono::milliseconds(300),
                                        .backoff = {.first = std::chrono::milliseconds(5),
                                                    .max = std::chrono::milliseconds(20)}},
                    counter_);
    client_->Start();
  }
  ~OvsdbConnectionTest() override { std::filesystem::remove_all(directory_); }

  void RunUntil(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!condition() && std::chrono::steady_clock::now() < deadline) {
      io_.restart();
      io_.run_one_until(deadline);
    }
    ASSERT_TRUE(condition());
  }

  void AwaitRequest(const std::string& method) {
    RunUntil([&] { return server_->received.find(method) != std::string::npos; });
  }

  // The id is that of the client's first call on a connection.
  void AnswerMonitor() {
    AwaitRequest("\"monitor\"");
    const int before = counter_.snapshots;
    server_->Send(std::string("{\"id\":1,\"error\":null,\"result\":") + kSnapshot + "}");
    RunUntil([&] { return counter_.snapshots > before; });
    server_->received.clear();
  }

  std::string directory_;
  boost::asio::io_context io_;
  std::optional<ScriptedServer> server_;
  Counter counter_;
  std::optional<OvsdbClient> client_;
};

TEST_F(OvsdbConnectionTest, ComesBackWithANewSnapshot) {
  AnswerMonitor();

  server_->Drop();

  AnswerMonitor();
  EXPECT_EQ(counter_.snapshots, 2);
  EXPECT_EQ(counter_.disconnects, 1);
}

TEST_F(OvsdbConnectionTest, ComesBackWhenTheSocketItselfWasGone) {
  AnswerMonitor();
  server_.reset();
  std::filesystem::remove(directory_ + "/db.sock");
  RunUntil([&] { return counter_.disconnects == 1; });

  server_.emplace(io_, directory_ + "/db.sock");

  AnswerMonitor();
}

TEST_F(OvsdbConnectionTest, AnswersEcho) {
  AnswerMonitor();
  server_->Send(R"({"method":"echo","params":["a",{"b":1}],"id":"echo"})");
  AwaitRequest(R"({"result":["a",{"b":1}],"error":null,"id":"echo"})");
}

TEST_F(OvsdbConnectionTest, CallsInFlightGetUnavailableWhenTheConnectionIsLost) {
  AnswerMonitor();
  std::optional<Result<OfPort>> sent, queued;
  client_->AddPort("pod1", {}, [&](const Result<OfPort>& port) { sent = port; });
  client_->AddPort("pod1", {}, [&](const Result<OfPort>& port) { queued = port; });
  AwaitRequest("transact");

  server_->Drop();

  RunUntil([&] { return sent.has_value() && queued.has_value(); });
  ASSERT_FALSE(sent->ok());
  EXPECT_EQ(sent->error().code(), ErrorCode::kUnavailable);
  ASSERT_FALSE(queued->ok());
  EXPECT_EQ(queued->error().code(), ErrorCode::kUnavailable);
}

TEST_F(OvsdbConnectionTest, WaitsGetUnavailableWhenTheConnectionIsLost) {
  AnswerMonitor();
  std::optional<Result<OfPort>> outcome;
  client_->AddPort("pod1", {}, [&](const Result<OfPort>& port) { outcome = port; });
  AwaitRequest("transact");
  server_->Send(R"({"id":2,"error":null,"result":[{"uuid":["uuid","I"]},{"uuid":["uuid","P"]},)"
                R"({"count":1},{"count":1},{"rows":[{"next_cfg":2}]}]})");
  server_->Send(R"({"method":"echo","params":[],"id":"after"})");
  AwaitRequest("after");

  server_->Drop();

  RunUntil([&] { return outcome.has_value(); });
  ASSERT_FALSE(outcome->ok());
  EXPECT_EQ(outcome->error().code(), ErrorCode::kUnavailable);
}

TEST_F(OvsdbConnectionTest, CallsWithoutAConnectionGetUnavailable) {
  std::optional<Status> outcome;
  client_->DeletePort("pod1", [&](const Status& status) { outcome = status; });
  EXPECT_FALSE(outcome.has_value());
  RunUntil([&] { return outcome.has_value(); });
  ASSERT_FALSE(outcome->ok());
  EXPECT_EQ(outcome->error().code(), ErrorCode::kUnavailable);
}

TEST_F(OvsdbConnectionTest, AServerThatHangsIsLeftAfterTheDeadline) {
  AnswerMonitor();
  std::optional<Result<OfPort>> outcome;
  client_->AddPort("pod1", {}, [&](const Result<OfPort>& port) { outcome = port; });

  RunUntil([&] { return outcome.has_value(); });

  ASSERT_FALSE(outcome->ok());
  EXPECT_EQ(outcome->error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(outcome->error().message(), HasSubstr("no answer"));
  AnswerMonitor();
}

TEST_F(OvsdbConnectionTest, NonsenseClosesTheConnectionAndSaysWhy) {
  const std::vector<std::pair<std::string, std::string>> nonsense = {
      {"hello", "brace"},
      {"{\"method\":\"update\",\"id\":null}", "params"},
      {"{\"method\":7,\"params\":[],\"id\":null}", "method"},
      {"{\"method\":\"update\",\"params\":[\"sluice\",{\"Port\":{\"P\":{\"new\":{}}}}]}", "Port"},
      {"{\"method\":\"update\",\"params\":[]}", "update"},
      {"{a}", "JSON"},
  };
  for (const auto& [text, reason] : nonsense) {
    AnswerMonitor();
    const int before = counter_.disconnects;
    server_->Send(text);
    RunUntil([&] { return counter_.disconnects > before; });
    EXPECT_THAT(counter_.reason, HasSubstr(reason)) << text;
  }
}

TEST_F(OvsdbConnectionTest, HarmlessSurprisesAreIgnored) {
  AnswerMonitor();
  server_->Send(R"({"id":999,"result":{},"error":null}{"result":7}{"id":null,"error":null})");
  server_->Send(R"({"method":"stolen","params":[],"id":null})");
  server_->Send(R"({"method":"steal","params":[],"id":"s"})");
  AwaitRequest("unknown method");
  EXPECT_EQ(counter_.disconnects, 0);
}

TEST_F(OvsdbConnectionTest, ARefusedMonitorIsTriedAgain) {
  AwaitRequest("\"monitor\"");
  server_->connected = false;
  server_->Send(R"({"id":1,"error":"unknown database","result":null})");
  RunUntil([&] { return server_->connected; });
  AnswerMonitor();
}

}  // namespace
}  // namespace sluice::ovsdb
