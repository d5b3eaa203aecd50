// IP addresses of a device.
#pragma once

#include <cstdint>
#include <vector>

#include "agent/netlink/links.h"

namespace sluice::netlink {

struct InterfaceAddress {
  IpAddress address;
  uint8_t prefix_length = 0;

  static InterfaceAddress Host(const IpAddress& ip) { return {ip, AddressBits(ip.family())}; }
  std::string ToString() const { return address.ToString() + "/" + std::to_string(prefix_length); }
  friend auto operator<=>(const InterfaceAddress&, const InterfaceAddress&) = default;
};

// Those of scope global: not the link-local ones that the kernel makes by itself.
Result<std::vector<InterfaceAddress>> GlobalAddresses(const RtnlSocket& rtnl, IfIndex link);
// Usable at once: an IPv6 address is not probed for duplicates (the switch guards against them).
// An address that is there is a success.
Status AddAddress(const RtnlSocket& rtnl, IfIndex link, const InterfaceAddress& address);
Status DeleteAddress(const RtnlSocket& rtnl, IfIndex link, const InterfaceAddress& address);

}  // namespace sluice::netlink
