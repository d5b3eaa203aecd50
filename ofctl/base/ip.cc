#include "ofctl/base/ip.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>

namespace sluice {
namespace {

// inet_pton refuses leading zeros; net.ParseIP of old Go releases did not, and what it stored is
// still in etcd. Always decimal, never octal.
std::optional<IpAddress> ParseDecimalV4(std::string_view text) {
  uint32_t value = 0;
  for (int octet = 0; octet < 4; ++octet) {
    const size_t dot = octet < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos || dot == 0) return std::nullopt;
    unsigned number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + dot, number);
    if (failed != std::errc() || end != text.data() + dot || number > 255) return std::nullopt;
    value = value << 8 | number;
    text.remove_prefix(std::min(dot + 1, text.size()));
  }
  return text.empty() ? std::optional(IpAddress::FromV4(value)) : std::nullopt;
}

// A CHECK without glog: the CNI plugin is one static file that starts in a millisecond.
void CheckLength(IpFamily family, uint8_t length) {
  if (length <= AddressBits(family)) return;
  std::fprintf(stderr, "Cidr::Of: prefix length %d does not fit the family\n", int{length});
  std::abort();
}

}  // namespace

std::string IpAddress::ToString() const {
  char text[INET6_ADDRSTRLEN];
  inet_ntop(is_v4() ? AF_INET : AF_INET6, bytes_.data(), text, sizeof text);
  return text;
}

Result<IpAddress> ParseIp(std::string_view text) {
  if (text.find(':') == std::string_view::npos) {
    if (const auto v4 = ParseDecimalV4(text)) return *v4;
  } else {
    IpAddress::Bytes bytes{};
    if (inet_pton(AF_INET6, std::string(text).c_str(), bytes.data()) == 1) {
      return IpAddress::FromV6(bytes);
    }
  }
  return Invalid("not an IP address: \"" + std::string(text) + "\"");
}

Cidr Cidr::Of(const IpAddress& address, uint8_t length) {
  CheckLength(address.family(), length);
  IpAddress::Bytes bytes = address.bytes();
  if (const size_t whole = length / 8; whole < bytes.size()) {
    bytes[whole] = static_cast<uint8_t>(bytes[whole] & (0xff00 >> length % 8));
    std::fill(bytes.begin() + whole + 1, bytes.end(), uint8_t{0});
  }
  Cidr cidr;
  cidr.length_ = length;
  cidr.network_ = address.is_v4()
                      ? IpAddress::FromV4(static_cast<uint32_t>(bytes[0]) << 24 |
                                          static_cast<uint32_t>(bytes[1]) << 16 |
                                          static_cast<uint32_t>(bytes[2]) << 8 | bytes[3])
                      : IpAddress::FromV6(bytes);
  return cidr;
}

bool Cidr::Contains(const IpAddress& address) const {
  return address.family() == family() && Of(address, length_).network_ == network_;
}

bool Cidr::Contains(const Cidr& other) const {
  return other.length_ >= length_ && Contains(other.network_);
}

std::string Cidr::ToString() const { return network_.ToString() + "/" + std::to_string(length_); }

Result<Cidr> ParseCidr(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return Invalid("no prefix length in \"" + std::string(text) + "\" (expected address/length)");
  }
  SLUICE_ASSIGN_OR_RETURN(const IpAddress address, ParseIp(text.substr(0, slash)));
  const std::string_view digits = text.substr(slash + 1);
  unsigned length = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (failed != std::errc() || end != digits.data() + digits.size() || digits.empty() ||
      length > AddressBits(address.family())) {
    return Invalid("bad prefix length in \"" + std::string(text) + "\"");
  }
  return Cidr::Of(address, static_cast<uint8_t>(length));
}

std::string MacAddress::ToString() const {
  char text[18];
  std::snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", bytes_[0], bytes_[1], bytes_[2],
                bytes_[3], bytes_[4], bytes_[5]);
  return text;
}

Result<MacAddress> ParseMac(std::string_view text) {
  std::array<uint8_t, 6> bytes{};
  const bool shape = text.size() == 17;
  for (size_t i = 0; shape && i < 6; ++i) {
    const char* first = text.data() + 3 * i;
    const auto [end, failed] = std::from_chars(first, first + 2, bytes[i], 16);
    if (failed != std::errc() || end != first + 2 || (i < 5 && *end != ':')) {
      return Invalid("not a MAC address: \"" + std::string(text) + "\"");
    }
  }
  if (!shape) return Invalid("not a MAC address: \"" + std::string(text) + "\"");
  return MacAddress(bytes);
}

}  // namespace sluice
