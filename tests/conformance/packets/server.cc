#include "tests/conformance/packets/server.h"

#include <array>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/write.hpp>

#include "tests/conformance/packets/sctp_server.h"
#include "tests/conformance/packets/sockets.h"

namespace sluice::conformance {
namespace {

using boost::asio::ip::tcp;
using boost::asio::ip::udp;
using boost::system::error_code;

// The sockets outlive the server for as long as a handler of theirs is queued.

// Greets whoever connects, and hangs up when the other side has.
struct Listener : std::enable_shared_from_this<Listener> {
  Listener(boost::asio::io_context& io, std::string text)
      : acceptor(io), greeting(std::move(text)) {}

  void Accept() {
    acceptor.async_accept([self = shared_from_this()](const error_code& failed, tcp::socket peer) {
      if (!self->acceptor.is_open()) return;
      if (!failed) self->Greet(std::make_shared<tcp::socket>(std::move(peer)));
      self->Accept();
    });
  }

  void Greet(const std::shared_ptr<tcp::socket>& peer) {
    boost::asio::async_write(*peer, boost::asio::buffer(greeting),
                             [self = shared_from_this(), peer](const error_code& failed, size_t) {
                               if (failed) return;
                               auto rest = std::make_shared<std::array<char, 64>>();
                               peer->async_read_some(boost::asio::buffer(*rest),
                                                     [peer, rest](const error_code&, size_t) {});
                             });
  }

  tcp::acceptor acceptor;
  const std::string greeting;
};

// Answers each datagram.
struct Responder : std::enable_shared_from_this<Responder> {
  Responder(boost::asio::io_context& io, std::string text)
      : socket(io), greeting(std::move(text)) {}

  void Receive() {
    socket.async_receive_from(boost::asio::buffer(datagram), peer,
                              [self = shared_from_this()](const error_code& failed, size_t) {
                                if (!self->socket.is_open()) return;
                                error_code lost;  // the prober will notice
                                if (!failed) {
                                  self->socket.send_to(boost::asio::buffer(self->greeting),
                                                       self->peer, 0, lost);
                                }
                                self->Receive();
                              });
  }

  udp::socket socket;
  udp::endpoint peer;
  std::array<char, 64> datagram{};
  const std::string greeting;
};

class TcpServer : public Server {
 public:
  explicit TcpServer(std::shared_ptr<Listener> listener) : listener_(std::move(listener)) {}
  ~TcpServer() override {
    error_code ignored;
    listener_->acceptor.close(ignored);
  }

 private:
  std::shared_ptr<Listener> listener_;
};

class UdpServer : public Server {
 public:
  explicit UdpServer(std::shared_ptr<Responder> responder) : responder_(std::move(responder)) {}
  ~UdpServer() override {
    error_code ignored;
    responder_->socket.close(ignored);
  }

 private:
  std::shared_ptr<Responder> responder_;
};

template <typename Transport, typename Socket>
error_code Bind(Socket& socket, const Server::Spec& spec) {
  const auto transport = TransportOf<Transport>(spec.family);
  error_code failed;
  socket.open(transport, failed);
  if (!failed) socket.set_option(typename Socket::reuse_address(true), failed);
  if (!failed && spec.family == IpFamily::kIPv6) {
    socket.set_option(boost::asio::ip::v6_only(true), failed);
  }
  if (!failed) socket.bind({transport, spec.service.port}, failed);
  return failed;
}

}  // namespace

Result<std::unique_ptr<Server>> Server::Start(boost::asio::io_context& io, const Spec& spec) {
  const std::string greeting = Greeting(spec.name, spec.service);
  error_code failed;
  std::unique_ptr<Server> server;
  switch (spec.service.protocol) {
    case store::Protocol::kTcp: {
      const auto listener = std::make_shared<Listener>(io, greeting);
      failed = Bind<tcp>(listener->acceptor, spec);
      if (!failed) listener->acceptor.listen(tcp::socket::max_listen_connections, failed);
      if (!failed) listener->Accept();
      server = std::make_unique<TcpServer>(listener);
      break;
    }
    case store::Protocol::kUdp: {
      const auto responder = std::make_shared<Responder>(io, greeting);
      failed = Bind<udp>(responder->socket, spec);
      if (!failed) responder->Receive();
      server = std::make_unique<UdpServer>(responder);
      break;
    }
    case store::Protocol::kSctp: {
      auto socket = std::make_shared<SctpSocket>(io);
      failed = socket->Open(spec.family);
      if (!failed) {
        server = std::make_unique<SctpServer>(std::move(socket), spec.service.port, greeting);
      }
      break;
    }
  }
  if (failed) {
    return Unavailable(spec.name + " cannot serve " + spec.service.ToString() + ": " +
                       failed.message());
  }
  return server;
}

}  // namespace sluice::conformance
