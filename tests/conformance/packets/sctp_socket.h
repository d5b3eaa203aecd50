// SctpSocket: a raw socket for SCTP packets in the network namespace where it was made.
#pragma once

#include <array>
#include <boost/asio/generic/raw_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>

#include "ofctl/base/ip.h"
#include "tests/conformance/packets/sctp_packet.h"

namespace sluice::conformance {

class SctpSocket : public std::enable_shared_from_this<SctpSocket> {
 public:
  using Endpoint = boost::asio::generic::raw_protocol::endpoint;
  using OnPacket = std::function<void(const SctpPacket&, const Endpoint& from)>;
  using OnFailure = std::function<void(const boost::system::error_code&)>;

  explicit SctpSocket(boost::asio::io_context& io) : socket_(io) {}

  boost::system::error_code Open(IpFamily family);
  // From then on only packets of that host come in.
  boost::system::error_code Connect(const IpAddress& peer);
  // Calls one of the two for all that comes, until closed; failures do not end it.
  void Receive(OnPacket on_packet, OnFailure on_failure);
  boost::system::error_code Send(const SctpPacket& packet);
  boost::system::error_code SendTo(const SctpPacket& packet, const Endpoint& to);
  void Close();

 private:
  void ReceiveNext();

  boost::asio::generic::raw_protocol::socket socket_;
  IpFamily family_ = IpFamily::kIPv4;
  OnPacket on_packet_;
  OnFailure on_failure_;
  Endpoint from_;
  std::array<char, 2048> buffer_{};
};

}  // namespace sluice::conformance
