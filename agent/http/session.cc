#include "agent/http/session.h"

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <utility>

namespace sluice::http {
namespace {

namespace beast = boost::beast;
using boost::system::error_code;
using Status = beast::http::status;

constexpr unsigned kHttp11 = 11;

// What a request that cannot be read is answered; absent: nobody is there to read an answer.
std::optional<Status> StatusOf(const error_code& failed) {
  using beast::http::error;
  if (failed == error::end_of_stream || failed == error::partial_message) return std::nullopt;
  if (failed == error::header_limit || failed == error::buffer_overflow) {
    return Status::request_header_fields_too_large;
  }
  if (failed == error::body_limit || failed == error::unexpected_body) {
    return Status::payload_too_large;
  }
  // Every other error of the parser; the rest are the connection's own.
  const bool malformed = failed.category() == make_error_code(error::bad_method).category();
  return malformed ? std::optional(Status::bad_request) : std::nullopt;
}

std::string_view PathOf(std::string_view target) { return target.substr(0, target.find('?')); }

}  // namespace

Session::Session(boost::asio::ip::tcp::socket socket, Limits limits,
                 std::shared_ptr<const Handler> handler)
    : stream_(std::move(socket)),
      pause_(stream_.get_executor()),
      limits_(limits),
      handler_(std::move(handler)),
      buffer_(limits.header_bytes) {}

Session::~Session() {
  if (events_.ended) events_.ended();
}

void Session::Start(Events events) {
  events_ = std::move(events);
  Read();
}

void Session::Close() {
  pause_.cancel();
  stream_.close();
}

void Session::Read() {
  parser_.emplace();
  parser_->header_limit(limits_.header_bytes);
  parser_->body_limit(0);
  stream_.expires_after(limits_.patience);  // for the whole request, however it trickles in
  beast::http::async_read(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](const error_code& failed, size_t) { self->OnRead(failed); });
}

void Session::OnRead(const error_code& failed) {
  if (failed) {
    const auto status = StatusOf(failed);
    if (!status) return Linger(After::kClose);
    return Send({.status = static_cast<unsigned>(*status), .body = failed.message() + "\n"},
                After::kClose);
  }
  const auto& request = parser_->get();
  const After after = request.keep_alive() ? After::kKeepAlive : After::kClose;
  if (request.method() != beast::http::verb::get && request.method() != beast::http::verb::head) {
    return Send({.status = static_cast<unsigned>(Status::method_not_allowed),
                 .body = "only GET and HEAD\n"},
                After::kClose);
  }
  const std::string_view target(request.target().data(), request.target().size());
  Send((*handler_)(PathOf(target)), after);
}

void Session::Send(const Answer& answer, After after) {
  response_ = {};
  response_.version(kHttp11);
  response_.result(answer.status);
  response_.set(beast::http::field::content_type, answer.content_type);
  response_.set(beast::http::field::cache_control, "no-store");
  if (response_.result() == Status::method_not_allowed) {
    response_.set(beast::http::field::allow, "GET, HEAD");
  }
  response_.content_length(answer.body.size());
  response_.keep_alive(after == After::kKeepAlive);
  const bool head = parser_->is_header_done() && parser_->get().method() == beast::http::verb::head;
  if (!head) response_.body() = answer.body;
  stream_.expires_after(limits_.patience);
  beast::http::async_write(stream_, response_,
                           [self = shared_from_this(), after](const error_code& failed, size_t) {
                             if (!failed && self->events_.served) self->events_.served();
                             self->Linger(failed ? After::kClose : after);
                           });
}

// A client cannot make us work without a pause: neither on this connection, nor, because its slot
// is taken meanwhile, by the next one.
void Session::Linger(After after) {
  stream_.expires_never();
  if (after == After::kClose) {
    error_code ignored;
    stream_.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
  }
  pause_.expires_after(limits_.pause);
  pause_.async_wait([self = shared_from_this(), after](const error_code& cancelled) {
    if (cancelled || after == After::kClose) return self->Close();
    self->Read();
  });
}

}  // namespace sluice::http
