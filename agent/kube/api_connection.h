// ApiConnection: one TLS connection to an apiserver, one request after the other (HTTP/1.1, RFC
// 9112).
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "agent/kube/cluster_access.h"
#include "ofctl/base/result.h"

namespace sluice::kube {

// No progress for so long means that the peer, or what is between, is dead.
struct Patience {
  std::chrono::milliseconds connect{10'000};  // each of: name, connection, handshake
  std::chrono::milliseconds answer{60'000};   // until the first line of the answer
  std::chrono::milliseconds body{60'000};     // between two pieces of it
};

struct RefusedAnswer {
  int code = 0;
  std::chrono::seconds retry_after{0};
  std::string body;  // its first 64 KiB
};

// All are called by the event loop, never inside a call of ours. After ended, refused or failed no
// more come.
struct AnswerEvents {
  std::function<void()> accepted;  // 200, or 201 to a POST
  std::function<void(std::string_view)> body;
  std::function<void()> ended;
  std::function<void(RefusedAnswer)> refused;
  std::function<void(const Error&)> failed;
};

class ApiConnection : public std::enable_shared_from_this<ApiConnection> {
 public:
  struct Peer {
    ServerUrl server;
    std::string server_name;  // what its certificate must be for
    std::shared_ptr<boost::asio::ssl::context> tls;
  };
  struct Get {
    std::string target;  // path and query
    std::string token;   // empty: none
    Patience patience;
    std::string post{};  // not empty: a POST of this JSON text instead
  };

  static std::shared_ptr<ApiConnection> Create(boost::asio::io_context& io, Peer peer);

  // Connects first if it is not connected. CHECKs that the answer before has ended.
  void Send(Get get, AnswerEvents events);
  // Another GET can be sent over it.
  bool idle() const { return connected_ && !closed_ && !busy_; }
  // The answer that is under way began on a connection that had served another one before, and
  // nothing of it has come: the server may have closed it meanwhile.
  bool stale() const { return reused_ && !answer_begun_; }
  // Without any event.
  void Close();

 private:
  using Socket = boost::asio::ip::tcp::socket;
  using Endpoints = boost::asio::ip::tcp::resolver::results_type;
  using ErrorCode = boost::system::error_code;
  using Parser = boost::beast::http::response_parser<boost::beast::http::buffer_body>;

  ApiConnection(boost::asio::io_context& io, Peer peer);

  void Resolve();
  void Connect(const Endpoints& endpoints);
  void Handshake();
  void Write();
  void ReadHeader();
  void OnHeader();
  void ReadBody();
  void OnBody(size_t size);
  void OnEnd();
  bool Taken() const;
  void Expect(std::string_view what, std::chrono::milliseconds patience);
  // Whether the step that was expected failed; it has been reported then.
  bool Failed(const ErrorCode& error);
  void Fail(const Error& why);

  Peer peer_;
  boost::asio::ip::tcp::resolver resolver_;
  boost::asio::ssl::stream<Socket> stream_;
  boost::asio::steady_timer watchdog_;
  std::string expected_;  // "handshake"
  Get get_;
  AnswerEvents events_;
  boost::beast::http::request<boost::beast::http::string_body> request_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::array<char, 64 * 1024> body_{};
  RefusedAnswer refused_;
  bool connected_ = false;
  bool closed_ = false;
  bool busy_ = false;
  bool reused_ = false;
  bool answer_begun_ = false;
};

}  // namespace sluice::kube
