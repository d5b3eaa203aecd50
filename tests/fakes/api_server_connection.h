// One client of a FakeApiServer: HTTP/1.1 over TLS, one request after the other.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "tests/fakes/fake_api_server.h"

namespace sluice::fakes {

class ApiServerConnection : public std::enable_shared_from_this<ApiServerConnection> {
 public:
  using OnRequest =
      std::function<void(const std::shared_ptr<ApiServerConnection>&, const ApiRequest&)>;

  ApiServerConnection(boost::asio::ip::tcp::socket socket,
                      std::shared_ptr<boost::asio::ssl::context> tls, OnRequest on_request);

  void Start();
  void Answer(const RawAnswer& answer);
  // A chunked answer of 200 that goes on until End; `path` is what is watched, if it is a watch.
  void Begin(std::string watched_path);
  void Send(const std::string& bytes, size_t piece);
  void End();
  void Drop();

  bool open() const { return open_; }
  const std::string& watched_path() const { return watched_path_; }

 private:
  void Read();
  void Write(std::string bytes);
  void WriteNext();

  std::shared_ptr<boost::asio::ssl::context> tls_;
  boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream_;
  boost::beast::flat_buffer buffer_;
  boost::beast::http::request<boost::beast::http::string_body> request_;
  OnRequest on_request_;
  std::deque<std::string> output_;
  std::string watched_path_;
  bool open_ = true;
};

}  // namespace sluice::fakes
