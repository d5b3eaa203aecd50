#include "agent/cni_server/session.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace sluice::cni_server {

using boost::system::error_code;

Session::Session(Socket socket, std::function<void()> closed)
    : socket_(std::move(socket)), idle_(socket_.get_executor()), closed_(std::move(closed)) {}

Session::~Session() { closed_(); }

void Session::Start(OnRequest on_request, std::chrono::milliseconds idle) {
  on_request_ = std::move(on_request);
  idle_.expires_after(idle);
  idle_.async_wait([weak = weak_from_this()](const error_code& error) {
    const std::shared_ptr<Session> self = weak.lock();
    if (!error && self != nullptr) self->Close();
  });
  boost::asio::async_read(socket_, boost::asio::buffer(header_),
                          [self = shared_from_this()](const error_code& error, size_t) {
                            if (!error) self->ReadBody();
                          });
}

void Session::ReadBody() {
  const Result<uint32_t> length = cni::FrameLength(header_);
  if (!length.ok()) return Answer(length.error().Context("malformed request"));
  body_.resize(*length);
  boost::asio::async_read(socket_, boost::asio::buffer(body_),
                          [self = shared_from_this()](const error_code& error, size_t) {
                            if (!error) self->Decode();
                          });
}

void Session::Decode() {
  idle_.cancel();
  Result<cni::Request> request = cni::DecodeRequest(body_);
  if (!request.ok()) return Answer(request.error().Context("malformed request"));
  std::exchange(on_request_, nullptr)(std::move(request).value(), shared_from_this());
}

void Session::Answer(const cni::Response& response) {
  idle_.cancel();
  answer_ = cni::Frame(cni::EncodeResponse(response));
  boost::asio::async_write(
      socket_, boost::asio::buffer(answer_),
      [self = shared_from_this()](const error_code&, size_t) { self->Close(); });
}

void Session::Close() {
  idle_.cancel();
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace sluice::cni_server
