#include "agent/netlink/rtnl.h"

#include <glog/logging.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace sluice::netlink {

Result<RtnlSocket> RtnlSocket::Open() {
  RtnlSocket socket(nl_socket_alloc());
  CHECK(socket.get() != nullptr) << "out of memory";
  SLUICE_RETURN_IF_ERROR(NlStatus(nl_connect(socket.get(), NETLINK_ROUTE), "open rtnetlink"));
  return socket;
}

Status NlStatus(int returned, const std::string& what) {
  if (returned >= 0) return Ok();
  const std::string message = what + ": " + nl_geterror(returned);
  const bool absent = returned == -NLE_OBJ_NOTFOUND || returned == -NLE_NODEV;
  return absent ? NotFound(message) : Refused(message);
}

int AddressFamily(IpFamily family) { return family == IpFamily::kIPv4 ? AF_INET : AF_INET6; }

NlAddr ToNlAddr(const IpAddress& address, uint8_t prefix_length) {
  NlAddr built(nl_addr_build(AddressFamily(address.family()), address.bytes().data(),
                             address.is_v4() ? 4 : 16));
  CHECK(built != nullptr) << "out of memory";
  nl_addr_set_prefixlen(built.get(), prefix_length);
  return built;
}

NlAddr ToNlAddr(const Cidr& prefix) { return ToNlAddr(prefix.network(), prefix.length()); }

NlAddr ToNlAddr(const MacAddress& mac) {
  NlAddr built(nl_addr_build(AF_LLC, mac.bytes().data(), mac.bytes().size()));
  CHECK(built != nullptr) << "out of memory";
  return built;
}

std::optional<IpAddress> FromNlAddr(nl_addr* address) {
  if (address == nullptr) return std::nullopt;
  const auto* bytes = static_cast<const uint8_t*>(nl_addr_get_binary_addr(address));
  if (nl_addr_get_family(address) == AF_INET && nl_addr_get_len(address) == 4) {
    return IpAddress::FromV4(static_cast<uint32_t>(bytes[0]) << 24 |
                             static_cast<uint32_t>(bytes[1]) << 16 |
                             static_cast<uint32_t>(bytes[2]) << 8 | bytes[3]);
  }
  if (nl_addr_get_family(address) == AF_INET6 && nl_addr_get_len(address) == 16) {
    IpAddress::Bytes copy;
    std::copy_n(bytes, copy.size(), copy.begin());
    return IpAddress::FromV6(copy);
  }
  return std::nullopt;
}

Cidr PrefixFromNlAddr(nl_addr* address, IpFamily family) {
  const auto network = FromNlAddr(address);
  if (network && network->family() == family) {
    const auto length = std::min(nl_addr_get_prefixlen(address), unsigned{AddressBits(family)});
    return Cidr::Of(*network, static_cast<uint8_t>(length));
  }
  return Cidr::Of(family == IpFamily::kIPv4 ? IpAddress::FromV4(0) : IpAddress::FromV6({}), 0);
}

std::optional<MacAddress> MacFromNlAddr(nl_addr* address) {
  std::array<uint8_t, 6> bytes;
  if (address == nullptr || nl_addr_get_len(address) != bytes.size()) return std::nullopt;
  std::memcpy(bytes.data(), nl_addr_get_binary_addr(address), bytes.size());
  return MacAddress(bytes);
}

}  // namespace sluice::netlink
