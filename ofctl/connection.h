// Connection: an OpenFlow 1.5 channel over a Unix socket, that comes back by itself: framing,
// hello, echo both ways, a write queue, reconnection. What messages mean is its handler's business.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <string>

#include "ofctl/base/beat.h"
#include "ofctl/codec.h"
#include "ofctl/connection_state.h"
#include "ofctl/framer.h"
#include "ofctl/redial.h"

namespace sluice::ofctl {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Duration = std::chrono::milliseconds;
  struct Options {
    std::string socket_path;  // <rundir>/<bridge>.mgmt
    // Without a byte from the switch: ask for an echo at the next beat. Two wake-ups each time, and
    // an agent with nothing to do has no others. So a switch that hangs is given up after 15 to 30
    // s.
    Duration idle = std::chrono::seconds(10);
    Duration reply = std::chrono::seconds(5);  // for a hello or an echo: give the connection up
    Redial::Spec redial = {};
    Duration beat = kBeat;
  };

  // Called from the event loop, never from inside a call to the connection but for Drop().
  class Handler {
   public:
    virtual void OnUp() = 0;
    // Everything but hello and echo.
    virtual void OnReceived(Received message) = 0;
    // At most one message still waits for the kernel: whoever has more prepares the next one now,
    // while the switch reads.
    virtual void OnRoom() = 0;
    // After OnUp; whatever was under way is lost.
    virtual void OnDown(const Error& why) = 0;

   protected:
    ~Handler() = default;
  };

  // `handler` is not called after Stop().
  Connection(boost::asio::io_context& io, Options options, Handler& handler);

  void Start();
  void Stop();
  // Dropped silently unless the connection is up.
  void Send(Message message);
  // Gives the connection up and dials again.
  void Drop(const Error& why);
  ConnectionState state() const { return state_; }

 private:
  using Socket = boost::asio::local::stream_protocol::socket;
  using Clock = std::chrono::steady_clock;

  void Become(ConnectionEvent event);
  void Dial();
  void DialAfter(Duration wait);
  void OnConnected();
  void Read();
  void OnRead(size_t size);
  void Handle(Received message);
  void Enqueue(Message message);
  void Write();
  void OnWritten();
  void ArmIdle();
  void Arm(Clock::time_point expiry);
  void OnTimer();
  Error About(const std::string& what) const;

  Options options_;
  Handler* handler_;
  boost::asio::io_context& io_;
  Socket socket_;
  boost::asio::steady_timer timer_;  // redial, hello, echo: one at a time
  Redial redial_;
  ConnectionState state_ = ConnectionState::kDisconnected;
  uint64_t epoch_ = 0;  // of the socket; completions of an earlier one are ignored
  Framer framer_;
  std::array<uint8_t, 65536> input_;
  std::deque<Message> output_;
  Clock::time_point last_heard_;
  Clock::time_point up_since_;
  enum class Echo : uint8_t { kNone, kAwaited } echo_ = Echo::kNone;
  std::string last_failure_;  // logged once, not at every try
};

}  // namespace sluice::ofctl
