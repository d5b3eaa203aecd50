#include "ofctl/connection.h"

#include <glog/logging.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

namespace sluice::ofctl {
namespace {

using boost::system::error_code;

constexpr Xid kConnectionXid{0};  // of hello and echo, that nobody waits for by number

}  // namespace

Connection::Connection(boost::asio::io_context& io, Options options, Handler& handler)
    : options_(std::move(options)),
      handler_(&handler),
      io_(io),
      socket_(io),
      timer_(io),
      redial_(options_.redial) {}

Error Connection::About(const std::string& what) const {
  return Unavailable("OpenFlow connection to " + options_.socket_path + ": " + what);
}

void Connection::Become(ConnectionEvent event) {
  const std::optional<ConnectionState> next = Next(state_, event);
  CHECK(next.has_value()) << "event " << static_cast<int>(event) << " while " << ToString(state_);
  state_ = *next;
}

void Connection::Start() {
  if (handler_ != nullptr && state_ == ConnectionState::kDisconnected) Dial();
}

void Connection::Stop() {
  handler_ = nullptr;
  if (state_ != ConnectionState::kDisconnected) Become(ConnectionEvent::kFailed);
  ++epoch_;
  error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
  output_.clear();
}

void Connection::Dial() {
  Become(ConnectionEvent::kDial);
  const uint64_t epoch = ++epoch_;
  socket_ = Socket(io_);
  framer_ = Framer();
  socket_.async_connect(options_.socket_path,
                        [self = shared_from_this(), epoch](const error_code& error) {
                          if (epoch != self->epoch_) return;
                          if (error) return self->Drop(self->About("connect: " + error.message()));
                          self->OnConnected();
                        });
}

void Connection::OnConnected() {
  Become(ConnectionEvent::kConnected);
  redial_.Connected();
  last_heard_ = Clock::now();
  echo_ = Echo::kNone;
  Enqueue(EncodeHello(kConnectionXid));
  Arm(Clock::now() + options_.reply);
  Read();
}

void Connection::Drop(const Error& why) {
  if (state_ == ConnectionState::kDisconnected) return;
  const bool was_up = state_ == ConnectionState::kUp;
  const bool absent = state_ == ConnectionState::kConnecting;
  Become(ConnectionEvent::kFailed);
  ++epoch_;
  error_code ignored;
  socket_.close(ignored);
  output_.clear();
  if (was_up || why.message() != last_failure_) LOG(WARNING) << why.message();
  last_failure_ = why.message();
  const Clock::time_point now = Clock::now();
  const auto lasted = was_up ? std::chrono::duration_cast<Duration>(now - up_since_) : Duration(0);
  DialAfter(absent ? redial_.Absent(now) : redial_.Failed(lasted));
  if (was_up && handler_ != nullptr) handler_->OnDown(why);
}

void Connection::DialAfter(Duration wait) {
  timer_.expires_after(wait);
  timer_.async_wait([self = shared_from_this(), epoch = epoch_](const error_code& error) {
    if (!error && epoch == self->epoch_) self->Dial();
  });
}

void Connection::Read() {
  socket_.async_read_some(boost::asio::buffer(input_), [self = shared_from_this(), epoch = epoch_](
                                                           const error_code& error, size_t size) {
    if (epoch != self->epoch_) return;
    if (error) return self->Drop(self->About("read: " + error.message()));
    self->OnRead(size);
  });
}

void Connection::OnRead(size_t size) {
  last_heard_ = Clock::now();
  if (echo_ == Echo::kAwaited) ArmIdle();
  echo_ = Echo::kNone;
  framer_.Append(std::span(input_).first(size));
  const uint64_t epoch = epoch_;
  while (epoch == epoch_) {
    Result<std::optional<Message>> message = framer_.Next();
    if (!message.ok()) return Drop(About(message.error().message()));
    if (!message->has_value()) return Read();
    Result<Received> received = Decode(**message);
    if (!received.ok()) return Drop(About(received.error().message()));
    if (std::holds_alternative<EchoRequest>(*received)) {
      Enqueue(EncodeEchoReply(**message));
    } else {
      Handle(*std::move(received));
    }
  }
}

void Connection::Handle(Received message) {
  if (const auto* hello = std::get_if<Hello>(&message)) {
    if (state_ != ConnectionState::kNegotiating) return;
    if (hello->speaks_15 == Hello::Speaks15::kNo) {
      return Drop(About("the switch does not offer OpenFlow 1.5 (protocols of the bridge)"));
    }
    Become(ConnectionEvent::kAgreed);
    up_since_ = Clock::now();
    last_failure_.clear();
    ArmIdle();
    return handler_->OnUp();
  }
  if (state_ != ConnectionState::kUp) return Drop(About("the switch did not begin with a hello"));
  if (!std::holds_alternative<EchoReply>(message)) handler_->OnReceived(std::move(message));
}

void Connection::Send(Message message) {
  if (state_ == ConnectionState::kUp) Enqueue(std::move(message));
}

void Connection::Enqueue(Message message) {
  output_.push_back(std::move(message));
  if (output_.size() == 1) Write();
}

void Connection::Write() {
  // The operation owns its bytes: Drop clears the queue while the write is being cancelled.
  auto message = std::make_shared<Message>(std::move(output_.front()));
  boost::asio::async_write(
      socket_, boost::asio::buffer(*message),
      [self = shared_from_this(), message, epoch = epoch_](const error_code& error, size_t) {
        if (epoch != self->epoch_) return;
        if (error) return self->Drop(self->About("write: " + error.message()));
        self->OnWritten();
      });
}

void Connection::OnWritten() {
  output_.pop_front();
  if (!output_.empty()) Write();
  if (output_.size() <= 1 && state_ == ConnectionState::kUp) handler_->OnRoom();
}

void Connection::ArmIdle() { Arm(OnBeat(last_heard_ + options_.idle, options_.beat)); }

void Connection::Arm(Clock::time_point expiry) {
  timer_.expires_at(expiry);
  timer_.async_wait([self = shared_from_this(), epoch = epoch_](const error_code& error) {
    if (!error && epoch == self->epoch_) self->OnTimer();
  });
}

void Connection::OnTimer() {
  if (state_ == ConnectionState::kNegotiating) {
    return Drop(About("no hello within " + std::to_string(options_.reply.count()) + " ms"));
  }
  if (Clock::now() - last_heard_ < options_.idle) return ArmIdle();
  if (echo_ == Echo::kAwaited) {
    return Drop(
        About("no answer to an echo within " + std::to_string(options_.reply.count()) + " ms"));
  }
  echo_ = Echo::kAwaited;
  Enqueue(EncodeEchoRequest(kConnectionXid));
  Arm(Clock::now() + options_.reply);
}

}  // namespace sluice::ofctl
