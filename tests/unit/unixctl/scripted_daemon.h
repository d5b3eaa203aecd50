// A daemon with a control socket that does as the test says, in the same event loop.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sluice::unixctl {

// Takes connections, reads one request of each and answers with the pieces, one write each.
class ScriptedDaemon {
 public:
  enum class Then : uint8_t { kWaits, kCloses };
  struct Script {
    std::vector<std::string> pieces;
    Then then = Then::kWaits;
  };

  ScriptedDaemon(boost::asio::io_context& io, const std::string& path, Script script)
      : script_(std::move(script)), acceptor_(io, Protocol::endpoint(path)) {
    Accept();
  }

  const std::vector<std::string>& requests() const { return requests_; }

 private:
  using Protocol = boost::asio::local::stream_protocol;
  struct Connection {
    explicit Connection(Protocol::socket accepted) : socket(std::move(accepted)) {}
    Protocol::socket socket;
    std::array<char, 4096> input{};
    std::string received;
  };

  void Accept() {
    acceptor_.async_accept(
        [this](const boost::system::error_code& failed, Protocol::socket socket) {
          if (failed) return;
          connections_.push_back(std::make_unique<Connection>(std::move(socket)));
          Read(*connections_.back());
          Accept();
        });
  }
  void Read(Connection& connection) {
    connection.socket.async_read_some(
        boost::asio::buffer(connection.input),
        [this, &connection](const boost::system::error_code& failed, size_t count) {
          if (failed) return;
          connection.received.append(connection.input.data(), count);
          if (connection.received.back() != '}') return Read(connection);
          requests_.push_back(connection.received);
          Answer(connection);
        });
  }
  void Answer(Connection& connection) const {
    for (const std::string& piece : script_.pieces) {
      boost::asio::write(connection.socket, boost::asio::buffer(piece));
    }
    if (script_.then == Then::kCloses) connection.socket.close();
  }

  Script script_;
  Protocol::acceptor acceptor_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::string> requests_;
};

}  // namespace sluice::unixctl
