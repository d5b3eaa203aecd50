// Asio's idea of an address, and of being in a namespace.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>

#include "ofctl/base/ip.h"
#include "tests/conformance/cluster_case.h"

namespace sluice::conformance {

inline boost::asio::ip::address AsioAddress(const IpAddress& ip) {
  if (ip.is_v4()) return boost::asio::ip::address_v4(ip.v4());
  return boost::asio::ip::address_v6(ip.bytes());
}

// tcp::v4(), udp::v6() ...
template <typename Transport>
Transport TransportOf(IpFamily family) {
  return family == IpFamily::kIPv4 ? Transport::v4() : Transport::v6();
}

// What a server says of itself: nobody else would.
inline std::string Greeting(const std::string& server, const Service& service) {
  return server + " " + service.ToString() + "\n";
}

}  // namespace sluice::conformance
