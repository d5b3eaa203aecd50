// Connection against a scripted switch: the other end of a real Unix socket, in the same event
// loop.
#include "ofctl/connection.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <functional>

namespace sluice::ofctl {
namespace {

namespace asio = boost::asio;
using Protocol = asio::local::stream_protocol;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

class ScriptedSwitch {
 public:
  ScriptedSwitch(asio::io_context& io, const std::string& path)
      : acceptor_(io, Protocol::endpoint(path)), socket_(io) {
    Accept();
  }

  // The connection may be gone already.
  void Send(const Message& message) {
    boost::system::error_code ignored;
    asio::write(socket_, asio::buffer(message), ignored);
  }
  void Close() { socket_.close(); }
  int accepted() const { return accepted_; }
  const std::vector<Message>& received() const { return received_; }

 private:
  void Accept() {
    acceptor_.async_accept(socket_, [this](const boost::system::error_code& error) {
      if (error) return;
      ++accepted_;
      framer_ = Framer();
      Read();
    });
  }
  void Read() {
    socket_.async_read_some(asio::buffer(buffer_),
                            [this](const boost::system::error_code& error, size_t size) {
                              if (error == asio::error::operation_aborted && !socket_.is_open()) {
                                socket_ = Protocol::socket(acceptor_.get_executor());
                                return Accept();
                              }
                              if (error) {
                                socket_.close();
                                return Accept();
                              }
                              framer_.Append(std::span(buffer_).first(size));
                              while (true) {
                                auto message = framer_.Next();
                                if (!message.ok() || !message->has_value()) break;
                                received_.push_back(**message);
                              }
                              Read();
                            });
  }

  Protocol::acceptor acceptor_;
  Protocol::socket socket_;
  std::array<uint8_t, 65536> buffer_;
  Framer framer_;
  int accepted_ = 0;
  std::vector<Message> received_;
};

class ConnectionTest : public ::testing::Test, protected Connection::Handler {
 protected:
  ConnectionTest()
      : path_(std::filesystem::temp_directory_path() /
              ("sluice-connection-" + std::to_string(getpid()))),
        switch_((std::filesystem::remove(path_), io_), path_) {}
  ~ConnectionTest() override {
    connection_->Stop();
    io_.restart();
    io_.run_for(milliseconds(1));
    std::filesystem::remove(path_);
  }

  void Connect(milliseconds idle, milliseconds reply) {
    connection_ = std::make_shared<Connection>(
        io_,
        Connection::Options{
            .socket_path = path_,
            .idle = idle,
            .reply = reply,
            .redial = {.failed = {milliseconds(1), milliseconds(4)}, .absent_min = milliseconds(1)},
            .beat = milliseconds(1)},
        static_cast<Connection::Handler&>(*this));
    connection_->Start();
  }

  // Runs the event loop until the condition holds.
  void Await(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      io_.restart();
      io_.run_one_for(milliseconds(20));
    }
  }
  void AwaitUp() {
    Await([this] { return switch_.received().size() == 1; });
    switch_.Send(EncodeHello({1}));
    Await([this] { return ups_ == 1; });
  }

  void OnUp() override { ++ups_; }
  void OnReceived(Received message) override { messages_.push_back(std::move(message)); }
  void OnRoom() override { ++drained_; }
  void OnDown(const Error& why) override { downs_.push_back(why.message()); }

  asio::io_context io_;
  std::string path_;
  ScriptedSwitch switch_;
  std::shared_ptr<Connection> connection_;
  int ups_ = 0;
  int drained_ = 0;
  std::vector<std::string> downs_;
  std::vector<Received> messages_;
};

constexpr milliseconds kNever{100000};

TEST_F(ConnectionTest, IsUpAfterBothHellos) {
  Connect(kNever, kNever);
  AwaitUp();
  EXPECT_EQ(connection_->state(), ConnectionState::kUp);
  EXPECT_TRUE(std::holds_alternative<Hello>(Decode(switch_.received()[0]).value()));
}

TEST_F(ConnectionTest, RefusesASwitchWithoutVersion15AndTriesAgain) {
  Connect(kNever, kNever);
  Await([this] { return switch_.received().size() == 1; });
  Message hello = EncodeHello({1});
  hello[15] = 0x10;  // OpenFlow 1.3 only
  switch_.Send(hello);
  Await([this] { return switch_.accepted() == 2; });
  EXPECT_EQ(ups_, 0);
  EXPECT_TRUE(downs_.empty());  // it never was up
}

TEST_F(ConnectionTest, AnswersAnEcho) {
  Connect(kNever, kNever);
  AwaitUp();
  const Message request = EncodeEchoRequest({42});
  switch_.Send(request);
  Await([this] { return switch_.received().size() == 2; });
  EXPECT_EQ(switch_.received()[1], EncodeEchoReply(request));
  EXPECT_TRUE(messages_.empty());
}

TEST_F(ConnectionTest, SilentSwitchIsAskedThenGivenUp) {
  Connect(milliseconds(5), milliseconds(5));
  AwaitUp();
  Await([this] { return downs_.size() == 1; });
  EXPECT_THAT(downs_[0], HasSubstr("echo"));
  EXPECT_TRUE(std::holds_alternative<EchoRequest>(Decode(switch_.received().at(1)).value()));
  Await([this] { return switch_.accepted() == 2; });
}

TEST_F(ConnectionTest, SwitchThatAnswersEchoesStays) {
  Connect(milliseconds(1), kNever);
  AwaitUp();
  for (size_t echoes = 1; echoes <= 3; ++echoes) {
    Await([this, echoes] { return switch_.received().size() == echoes + 1; });
    switch_.Send(EncodeEchoReply(switch_.received().back()));
  }
  EXPECT_EQ(connection_->state(), ConnectionState::kUp);
  EXPECT_TRUE(downs_.empty());
}

TEST_F(ConnectionTest, SwitchWithoutAHelloIsGivenUp) {
  Connect(kNever, milliseconds(5));
  Await([this] { return switch_.accepted() == 2; });
  EXPECT_EQ(ups_, 0);
}

TEST_F(ConnectionTest, ComesBackAfterALoss) {
  Connect(kNever, kNever);
  AwaitUp();
  switch_.Close();
  Await([this] { return downs_.size() == 1 && switch_.accepted() == 2; });
  switch_.Send(EncodeHello({1}));
  Await([this] { return ups_ == 2; });
}

TEST_F(ConnectionTest, SwitchThatIsNotThereIsDialledWithoutTheWaitsAfterAFailure) {
  const std::string elsewhere = path_ + "-elsewhere";
  std::filesystem::rename(path_, elsewhere);
  connection_ = std::make_shared<Connection>(
      io_,
      Connection::Options{.socket_path = path_,
                          .idle = kNever,
                          .reply = kNever,
                          .redial = {.failed = {kNever, kNever}, .absent_min = milliseconds(1)}},
      static_cast<Connection::Handler&>(*this));
  connection_->Start();
  // given that a try has failed
  Await([this] { return connection_->state() == ConnectionState::kDisconnected; });
  std::filesystem::rename(elsewhere, path_);
  Await([this] { return switch_.accepted() == 1; });
}

TEST_F(ConnectionTest, NonsenseEndsTheConnection) {
  Connect(kNever, kNever);
  AwaitUp();
  switch_.Send({6, 0, 0, 3, 0, 0, 0, 0});
  Await([this] { return downs_.size() == 1; });
  EXPECT_THAT(downs_[0], HasSubstr("length 3"));
}

TEST_F(ConnectionTest, MessagesArriveInOrderAndTheQueueDrains) {
  Connect(kNever, kNever);
  AwaitUp();
  constexpr uint32_t kCount = 5000;
  for (uint32_t i = 0; i < kCount; ++i) connection_->Send(EncodeBarrierRequest({i}));
  Await([this] { return switch_.received().size() == kCount + 1 && drained_ > 0; });
  for (uint32_t i = 0; i < kCount; ++i) {
    ASSERT_EQ(switch_.received()[i + 1], EncodeBarrierRequest({i}));
  }
}

TEST_F(ConnectionTest, StoppedConnectionIsSilent) {
  Connect(kNever, kNever);
  AwaitUp();
  connection_->Stop();
  switch_.Send(EncodeBarrierRequest({1}));
  io_.restart();
  io_.run_for(milliseconds(5));
  EXPECT_TRUE(messages_.empty());
  EXPECT_TRUE(downs_.empty());
  EXPECT_EQ(switch_.accepted(), 1);
}

}  // namespace
}  // namespace sluice::ofctl
