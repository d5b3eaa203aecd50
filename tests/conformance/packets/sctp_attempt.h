// An Attempt by SCTP: the four-way handshake of RFC 9260, 5.1, and the server's first message.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>

#include "tests/conformance/packets/attempt.h"
#include "tests/conformance/packets/sctp_socket.h"

namespace sluice::conformance {

class SctpAttempt : public Attempt {
 public:
  SctpAttempt(boost::asio::io_context& io, const Probe& probe);
  void Send() override;
  void HangUp() override { socket_->Close(); }

 private:
  void OnPacket(const SctpPacket& packet);

  uint16_t port_;
  std::shared_ptr<SctpSocket> socket_;
};

}  // namespace sluice::conformance
