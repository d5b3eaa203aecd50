#include "tests/conformance/packets/attempt.h"

#include <array>
#include <boost/asio/read_until.hpp>

#include "tests/conformance/packets/sctp_attempt.h"
#include "tests/conformance/packets/sockets.h"

namespace sluice::conformance {
namespace {

using boost::asio::ip::tcp;
using boost::asio::ip::udp;
using boost::system::error_code;

class TcpAttempt : public Attempt {
 public:
  TcpAttempt(boost::asio::io_context& io, const Probe& probe)
      : Attempt(Greeting(probe.server, probe.service)),
        to_(AsioAddress(probe.to), probe.service.port),
        socket_(io) {
    error_code failed;
    socket_.open(to_.protocol(), failed);
    if (failed) OnFailure(failed.message());
  }

  void Send() override {
    if (fate() != Fate::kSilent) return;
    socket_.async_connect(to_, [this, self = shared_from_this()](const error_code& failed) {
      if (!socket_.is_open()) return;
      if (failed) return OnFailure(failed.message());
      Read();
    });
  }

  void HangUp() override {
    error_code ignored;
    // By a reset: nothing of the connection is on its way when the next policy is there.
    socket_.set_option(tcp::socket::linger(true, 0), ignored);
    socket_.close(ignored);
  }

 private:
  void Read() {
    boost::asio::async_read_until(
        socket_, boost::asio::dynamic_buffer(text_), '\n',
        [this, self = shared_from_this()](const error_code& failed, size_t size) {
          if (!socket_.is_open()) return;
          if (failed) return OnFailure(failed.message());
          OnAnswer(text_.substr(0, size));
        });
  }

  tcp::endpoint to_;
  tcp::socket socket_;
  std::string text_;
};

class UdpAttempt : public Attempt {
 public:
  UdpAttempt(boost::asio::io_context& io, const Probe& probe)
      : Attempt(Greeting(probe.server, probe.service)), socket_(io) {
    const udp::endpoint to(AsioAddress(probe.to), probe.service.port);
    error_code failed;
    socket_.open(to.protocol(), failed);
    if (!failed) socket_.connect(to, failed);
    if (failed) OnFailure(failed.message());
  }

  void Send() override {
    if (fate() != Fate::kSilent) return;
    error_code failed;
    socket_.send(boost::asio::buffer("who?\n", 5), 0, failed);
    if (failed) return OnFailure(failed.message());
    socket_.async_receive(boost::asio::buffer(datagram_),
                          [this, self = shared_from_this()](const error_code& lost, size_t size) {
                            if (!socket_.is_open()) return;
                            if (lost) return OnFailure(lost.message());
                            OnAnswer(std::string(datagram_.data(), size));
                          });
  }

  void HangUp() override {
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  udp::socket socket_;
  std::array<char, 512> datagram_{};
};

}  // namespace

std::shared_ptr<Attempt> Attempt::Make(boost::asio::io_context& io, const Probe& probe) {
  switch (probe.service.protocol) {
    case store::Protocol::kUdp:
      return std::make_shared<UdpAttempt>(io, probe);
    case store::Protocol::kSctp:
      return std::make_shared<SctpAttempt>(io, probe);
    case store::Protocol::kTcp:
      break;
  }
  return std::make_shared<TcpAttempt>(io, probe);
}

void Attempt::OnAnswer(const std::string& text) {
  if (text == expected_) {
    fate_ = Fate::kAnswered;
  } else {
    OnFailure("answered by " + text);
  }
}

void Attempt::OnFailure(const std::string& what) {
  fate_ = Fate::kOdd;
  oddity_ = what;
}

}  // namespace sluice::conformance
