// A Server of SCTP: keeps nothing of an association but what its cookie says, as RFC 9260, 5.1.3
// asks for, and sends its name as soon as there is one.
#pragma once

#include <memory>
#include <string>

#include "tests/conformance/packets/sctp_socket.h"
#include "tests/conformance/packets/server.h"

namespace sluice::conformance {

class SctpServer : public Server {
 public:
  SctpServer(std::shared_ptr<SctpSocket> socket, uint16_t port, std::string greeting);
  ~SctpServer() override { socket_->Close(); }

 private:
  void OnPacket(const SctpPacket& packet, const SctpSocket::Endpoint& from);

  std::shared_ptr<SctpSocket> socket_;
  uint16_t port_;
  std::string greeting_;
};

}  // namespace sluice::conformance
