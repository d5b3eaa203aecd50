#include "agent/status/status_server.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

namespace sluice::status {
namespace {

using boost::system::error_code;
using Socket = boost::asio::local::stream_protocol::socket;

// Of one request: 100,000 verdict queries fit.
constexpr size_t kMaxRequest = 16 * 1024 * 1024;

class Client : public std::enable_shared_from_this<Client> {
 public:
  Client(Socket socket, std::shared_ptr<const StatusServer::Answer> answer)
      : socket_(std::move(socket)), answer_(std::move(answer)) {}

  void ReadLine() {
    boost::asio::async_read_until(
        socket_, boost::asio::dynamic_buffer(input_, kMaxRequest), '\n',
        [self = shared_from_this()](const error_code& failed, size_t length) {
          if (!failed) self->AnswerLine(length);
        });
  }

 private:
  void AnswerLine(size_t length) {
    output_ = (*answer_)(std::string_view(input_).substr(0, length)) + "\n";
    input_.erase(0, length);
    boost::asio::async_write(socket_, boost::asio::buffer(output_),
                             [self = shared_from_this()](const error_code& failed, size_t) {
                               if (!failed) self->ReadLine();
                             });
  }

  Socket socket_;
  std::shared_ptr<const StatusServer::Answer> answer_;
  std::string input_;
  std::string output_;
};

}  // namespace

StatusServer::StatusServer(boost::asio::io_context& io, Answer answer)
    : acceptor_(io), answer_(std::make_shared<const Answer>(std::move(answer))) {}

Status StatusServer::Start(int listening) {
  error_code failed;
  acceptor_.assign(boost::asio::local::stream_protocol(), listening, failed);
  if (failed) return Internal("taking over the status socket: " + failed.message());
  Accept();
  return Ok();
}

void StatusServer::Accept() {
  acceptor_.async_accept([this](const error_code& failed, Socket socket) {
    if (failed == boost::asio::error::operation_aborted) return;
    if (!failed) std::make_shared<Client>(std::move(socket), answer_)->ReadLine();
    Accept();
  });
}

}  // namespace sluice::status
