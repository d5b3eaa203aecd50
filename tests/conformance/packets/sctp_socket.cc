#include "tests/conformance/packets/sctp_socket.h"

#include <netinet/in.h>

#include <boost/asio/buffer.hpp>

#include "tests/conformance/packets/sockets.h"

namespace sluice::conformance {

using boost::asio::generic::raw_protocol;
using boost::system::error_code;

error_code SctpSocket::Open(IpFamily family) {
  family_ = family;
  error_code failed;
  socket_.open(raw_protocol(family == IpFamily::kIPv4 ? AF_INET : AF_INET6, IPPROTO_SCTP), failed);
  return failed;
}

error_code SctpSocket::Connect(const IpAddress& peer) {
  error_code failed;
  socket_.connect(Endpoint(boost::asio::ip::udp::endpoint(AsioAddress(peer), 0)), failed);
  return failed;
}

void SctpSocket::Receive(OnPacket on_packet, OnFailure on_failure) {
  on_packet_ = std::move(on_packet);
  on_failure_ = std::move(on_failure);
  ReceiveNext();
}

void SctpSocket::ReceiveNext() {
  socket_.async_receive_from(
      boost::asio::buffer(buffer_), from_,
      [self = shared_from_this()](const error_code& failed, size_t size) {
        if (!self->socket_.is_open()) return;
        if (failed) {
          self->on_failure_(failed);
        } else {
          std::string_view bytes(self->buffer_.data(), size);
          // Of IPv4 the packet's header comes along (raw(7)), of IPv6 it does not.
          if (self->family_ == IpFamily::kIPv4) {
            bytes.remove_prefix(std::min<size_t>(bytes.size(), (bytes[0] & 0xf) * 4u));
          }
          if (const auto packet = ParseSctp(bytes)) self->on_packet_(*packet, self->from_);
        }
        if (self->socket_.is_open()) self->ReceiveNext();
      });
}

error_code SctpSocket::Send(const SctpPacket& packet) {
  error_code failed;
  socket_.send(boost::asio::buffer(Serialize(packet)), 0, failed);
  return failed;
}

error_code SctpSocket::SendTo(const SctpPacket& packet, const Endpoint& to) {
  error_code failed;
  socket_.send_to(boost::asio::buffer(Serialize(packet)), to, 0, failed);
  return failed;
}

void SctpSocket::Close() {
  error_code ignored;
  socket_.close(ignored);
  // What they hold may hold this.
  on_packet_ = nullptr;
  on_failure_ = nullptr;
}

}  // namespace sluice::conformance
