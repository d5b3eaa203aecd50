// Session: one connection of an HTTP client (HTTP/1.1, RFC 9112): GET and HEAD, one after the
// other.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "agent/http/answer.h"

namespace sluice::http {

class Session : public std::enable_shared_from_this<Session> {
 public:
  using Milliseconds = std::chrono::milliseconds;
  struct Limits {
    Milliseconds patience{10'000};  // for a request to be whole, for an answer to be taken
    // Between two answers, and before a closed connection's slot is free again.
    Milliseconds pause{50};
    uint32_t header_bytes = 8192;
  };
  struct Events {
    std::function<void()> served;
    std::function<void()> ended;  // once, when the session is destroyed
  };

  Session(boost::asio::ip::tcp::socket socket, Limits limits,
          std::shared_ptr<const Handler> handler);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  void Start(Events events);
  // Ends it at once.
  void Close();

 private:
  using ErrorCode = boost::system::error_code;
  enum class After : uint8_t { kKeepAlive, kClose };

  void Read();
  void OnRead(const ErrorCode& failed);
  void Send(const Answer& answer, After after);
  void Linger(After after);

  boost::beast::tcp_stream stream_;
  boost::asio::steady_timer pause_;
  const Limits limits_;
  std::shared_ptr<const Handler> handler_;
  Events events_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::empty_body>> parser_;
  boost::beast::http::response<boost::beast::http::string_body> response_;
};

}  // namespace sluice::http
