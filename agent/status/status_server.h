// StatusServer: answers sluicectl on a unix socket: one JSON text a line, one line back.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <functional>
#include <memory>
#include <string>

#include "ofctl/base/result.h"

namespace sluice::status {

class StatusServer {
 public:
  using Answer = std::function<std::string(std::string_view request)>;

  StatusServer(boost::asio::io_context& io, Answer answer);

  // Serves a listening unix socket; takes the descriptor over.
  Status Start(int listening);

 private:
  void Accept();

  boost::asio::local::stream_protocol::acceptor acceptor_;
  std::shared_ptr<const Answer> answer_;
};

}  // namespace sluice::status
