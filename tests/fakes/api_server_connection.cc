#include "tests/fakes/api_server_connection.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <utility>

namespace sluice::fakes {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;

std::string Hex(size_t number) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  do {
    text.insert(text.begin(), kDigits[number % 16]);
    number /= 16;
  } while (number > 0);
  return text;
}

}  // namespace

ApiServerConnection::ApiServerConnection(boost::asio::ip::tcp::socket socket,
                                         std::shared_ptr<boost::asio::ssl::context> tls,
                                         OnRequest on_request)
    : tls_(std::move(tls)), stream_(std::move(socket), *tls_), on_request_(std::move(on_request)) {}

void ApiServerConnection::Start() {
  stream_.async_handshake(boost::asio::ssl::stream_base::server,
                          [self = shared_from_this()](const error_code& failed) {
                            if (failed) return self->Drop();
                            self->Read();
                          });
}

void ApiServerConnection::Read() {
  request_ = {};
  http::async_read(
      stream_, buffer_, request_, [self = shared_from_this()](const error_code& failed, size_t) {
        if (failed || !self->open_) return self->Drop();
        const auto text = [](const auto& view) { return std::string(view); };
        const ApiRequest request{
            text(self->request_.target()), text(self->request_[http::field::authorization]),
            text(self->request_[http::field::accept_encoding]), self->request_.body()};
        self->on_request_(self, request);
      });
}

void ApiServerConnection::Answer(const RawAnswer& answer) {
  Write("HTTP/1.1 " + std::to_string(answer.code) + " x\r\n" + answer.headers +
        "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n" + answer.body);
  Read();
}

void ApiServerConnection::Begin(std::string watched_path) {
  watched_path_ = std::move(watched_path);
  Write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
}

void ApiServerConnection::Send(const std::string& bytes, size_t piece) {
  for (size_t at = 0; at < bytes.size(); at += piece) {
    const std::string part = bytes.substr(at, piece);
    Write(Hex(part.size()) + "\r\n" + part + "\r\n");
  }
}

void ApiServerConnection::End() {
  watched_path_.clear();
  Write("0\r\n\r\n");
  Read();
}

void ApiServerConnection::Drop() {
  open_ = false;
  watched_path_.clear();
  error_code ignored;
  stream_.lowest_layer().close(ignored);
}

void ApiServerConnection::Write(std::string bytes) {
  if (!open_) return;
  output_.push_back(std::move(bytes));
  if (output_.size() == 1) WriteNext();
}

void ApiServerConnection::WriteNext() {
  boost::asio::async_write(stream_, boost::asio::buffer(output_.front()),
                           [self = shared_from_this()](const error_code& failed, size_t) {
                             if (failed || !self->open_) return self->Drop();
                             self->output_.pop_front();
                             if (!self->output_.empty()) self->WriteNext();
                           });
}

}  // namespace sluice::fakes
