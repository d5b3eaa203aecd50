#include "agent/kube/api_connection.h"

#include <glog/logging.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <charconv>
#include <utility>

#include "ofctl/base/ip.h"

namespace sluice::kube {
namespace {

namespace http = boost::beast::http;
using std::chrono::milliseconds;

constexpr size_t kMaxRefusal = size_t{64} << 10;
constexpr uint32_t kMaxHeader = 64 << 10;

void SetOption(int fd, int level, int name, int value) {
  // Fails only for an option the kernel lacks, and then silence is found later, by reading.
  (void)setsockopt(fd, level, name, &value, sizeof(value));
}

// A peer that is gone without a word is found within half a minute, also while nothing is sent
// (tcp(7)).
void FindHalfOpen(int fd) {
  SetOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  SetOption(fd, IPPROTO_TCP, TCP_KEEPIDLE, 15);
  SetOption(fd, IPPROTO_TCP, TCP_KEEPINTVL, 5);
  SetOption(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
  SetOption(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 30'000);
  SetOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

std::chrono::seconds RetryAfter(std::string_view text) {
  int64_t seconds = 0;  // a date instead of a number is as good as nothing
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  constexpr int64_t kMax = 3600;
  return std::chrono::seconds(error == std::errc() ? std::clamp<int64_t>(seconds, 0, kMax) : 0);
}

}  // namespace

ApiConnection::ApiConnection(boost::asio::io_context& io, Peer peer)
    : peer_(std::move(peer)), resolver_(io), stream_(io, *peer_.tls), watchdog_(io) {}

std::shared_ptr<ApiConnection> ApiConnection::Create(boost::asio::io_context& io, Peer peer) {
  return std::shared_ptr<ApiConnection>(new ApiConnection(io, std::move(peer)));
}

void ApiConnection::Send(Get get, AnswerEvents events) {
  CHECK(!closed_ && !busy_);
  get_ = std::move(get);
  events_ = std::move(events);
  refused_ = {};
  busy_ = true;
  reused_ = connected_;
  answer_begun_ = false;
  if (connected_) {
    Write();
  } else {
    Resolve();
  }
}

void ApiConnection::Resolve() {
  Expect("name", get_.patience.connect);
  resolver_.async_resolve(peer_.server.host, std::to_string(peer_.server.port),
                          [self = shared_from_this()](const ErrorCode& error, Endpoints endpoints) {
                            if (!self->Failed(error)) self->Connect(endpoints);
                          });
}

void ApiConnection::Connect(const Endpoints& endpoints) {
  Expect("connect", get_.patience.connect);
  boost::asio::async_connect(
      stream_.lowest_layer(), endpoints,
      [self = shared_from_this()](const ErrorCode& error, const Socket::endpoint_type&) {
        if (!self->Failed(error)) self->Handshake();
      });
}

void ApiConnection::Handshake() {
  Expect("TLS handshake", get_.patience.connect);
  FindHalfOpen(stream_.lowest_layer().native_handle());
  // RFC 6066, 3: addresses are not sent as server names.
  if (!ParseIp(peer_.server_name).ok()) {
    SSL_set_tlsext_host_name(stream_.native_handle(), peer_.server_name.c_str());
  }
  stream_.set_verify_callback(boost::asio::ssl::host_name_verification(peer_.server_name));
  stream_.async_handshake(boost::asio::ssl::stream_base::client,
                          [self = shared_from_this()](const ErrorCode& error) {
                            if (self->Failed(error)) return;
                            self->connected_ = true;
                            self->Write();
                          });
}

void ApiConnection::Write() {
  Expect("request", get_.patience.answer);
  const bool post = !get_.post.empty();
  request_ = {post ? http::verb::post : http::verb::get, peer_.server.base_path + get_.target, 11};
  request_.set(http::field::host, peer_.server.HostAndPort());
  request_.set(http::field::user_agent, "sluice-agent");
  request_.set(http::field::accept, "application/json");
  // Without this any coding would be welcome (RFC 9110, 12.5.3).
  request_.set(http::field::accept_encoding, "identity");
  if (!get_.token.empty()) request_.set(http::field::authorization, "Bearer " + get_.token);
  if (post) {
    request_.set(http::field::content_type, "application/json");
    request_.body() = get_.post;
    request_.prepare_payload();
  }
  http::async_write(stream_, request_, [self = shared_from_this()](const ErrorCode& error, size_t) {
    if (!self->Failed(error)) self->ReadHeader();
  });
}

void ApiConnection::ReadHeader() {
  Expect("answer", get_.patience.answer);
  parser_.emplace();
  parser_->body_limit(boost::none);
  parser_->header_limit(kMaxHeader);
  http::async_read_header(stream_, buffer_, *parser_,
                          [self = shared_from_this()](const ErrorCode& error, size_t) {
                            if (!self->Failed(error)) self->OnHeader();
                          });
}

void ApiConnection::OnHeader() {
  answer_begun_ = true;
  refused_.code = static_cast<int>(parser_->get().result_int());
  const auto retry_after = parser_->get()[http::field::retry_after];
  refused_.retry_after = RetryAfter({retry_after.data(), retry_after.size()});
  if (Taken()) events_.accepted();
  if (closed_) return;
  if (parser_->is_done()) return OnEnd();
  ReadBody();
}

void ApiConnection::ReadBody() {
  Expect("answer's body", get_.patience.body);
  parser_->get().body().data = body_.data();
  parser_->get().body().size = body_.size();
  http::async_read_some(stream_, buffer_, *parser_,
                        [self = shared_from_this()](ErrorCode error, size_t) {
                          if (error == http::error::need_buffer) error = {};
                          if (self->Failed(error)) return;
                          self->OnBody(self->body_.size() - self->parser_->get().body().size);
                        });
}

void ApiConnection::OnBody(size_t size) {
  const std::string_view bytes(body_.data(), size);
  if (!Taken()) {
    refused_.body.append(bytes.substr(0, kMaxRefusal - refused_.body.size()));
    // Enough is known, and the rest may never end.
    if (refused_.body.size() == kMaxRefusal && !parser_->is_done()) {
      Close();
      return OnEnd();
    }
  } else if (!bytes.empty()) {
    events_.body(bytes);
    if (closed_) return;
  }
  if (parser_->is_done()) return OnEnd();
  ReadBody();
}

bool ApiConnection::Taken() const {
  const http::status status = parser_->get().result();
  return status == http::status::ok || status == http::status::created;
}

void ApiConnection::OnEnd() {
  const auto self = shared_from_this();
  busy_ = false;
  watchdog_.cancel();
  if (!parser_->keep_alive()) Close();
  const AnswerEvents events = std::exchange(events_, {});
  if (Taken()) {
    events.ended();
  } else {
    events.refused(std::move(refused_));
  }
}

void ApiConnection::Expect(std::string_view what, milliseconds patience) {
  expected_ = what;
  watchdog_.expires_after(patience);
  watchdog_.async_wait([self = shared_from_this()](const ErrorCode& cancelled) {
    if (cancelled || self->closed_ || !self->busy_) return;
    // It may have run out together with the step's success, and wait for another one by now.
    if (self->watchdog_.expiry() > std::chrono::steady_clock::now()) return;
    self->Fail(Timeout("no " + self->expected_ + " in time"));
  });
}

bool ApiConnection::Failed(const ErrorCode& error) {
  if (closed_) return true;
  if (!error) return false;
  std::string why = error.message();
  const long verified = SSL_get_verify_result(stream_.native_handle());
  if (!connected_ && verified != X509_V_OK) why = X509_verify_cert_error_string(verified);
  Fail(Unavailable(expected_ + ": " + why));
  return true;
}

void ApiConnection::Fail(const Error& why) {
  const auto self = shared_from_this();
  const AnswerEvents events = std::exchange(events_, {});
  Close();
  events.failed(why.Context(peer_.server.HostAndPort()));
}

void ApiConnection::Close() {
  closed_ = true;
  watchdog_.cancel();
  resolver_.cancel();
  ErrorCode ignored;
  stream_.lowest_layer().close(ignored);
}

}  // namespace sluice::kube
