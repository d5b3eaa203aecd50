// IP addresses, prefixes and MAC addresses as values. IPv4 and IPv6 share one type: the family is
// part of the value, and nothing compares equal across families.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ofctl/base/result.h"

namespace sluice {

enum class IpFamily : uint8_t { kIPv4 = 4, kIPv6 = 6 };

// Bits of an address of the family: 32 or 128.
constexpr uint8_t AddressBits(IpFamily family) { return family == IpFamily::kIPv4 ? 32 : 128; }

class IpAddress {
 public:
  using Bytes = std::array<uint8_t, 16>;  // network order; IPv4 uses the first four

  constexpr IpAddress() = default;
  static constexpr IpAddress FromV4(uint32_t host_order) {
    IpAddress address;
    for (int i = 0; i < 4; ++i) {
      address.bytes_[static_cast<size_t>(i)] = static_cast<uint8_t>(host_order >> (24 - 8 * i));
    }
    return address;
  }
  static constexpr IpAddress FromV6(const Bytes& bytes) {
    IpAddress address;
    address.family_ = IpFamily::kIPv6;
    address.bytes_ = bytes;
    return address;
  }

  constexpr IpFamily family() const { return family_; }
  constexpr bool is_v4() const { return family_ == IpFamily::kIPv4; }
  constexpr const Bytes& bytes() const { return bytes_; }
  // Host order; only for IPv4.
  constexpr uint32_t v4() const {
    return static_cast<uint32_t>(bytes_[0]) << 24 | static_cast<uint32_t>(bytes_[1]) << 16 |
           static_cast<uint32_t>(bytes_[2]) << 8 | bytes_[3];
  }
  std::string ToString() const;

  friend constexpr auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  IpFamily family_ = IpFamily::kIPv4;
  Bytes bytes_{};
};

// Accepts what inet_pton accepts, and decimal IPv4 octets with leading zeros (010.0.0.1 is
// 10.0.0.1): stored objects hold both (netpol rule 28).
Result<IpAddress> ParseIp(std::string_view text);

// A prefix in its normal form: host bits are always zero.
class Cidr {
 public:
  Cidr() = default;
  // Host bits of `address` are cleared. CHECKs that length fits the family.
  static Cidr Of(const IpAddress& address, uint8_t length);
  static Cidr Host(const IpAddress& address) {
    Cidr host;
    host.network_ = address;  // the bytes that its family does not have are zero
    host.length_ = AddressBits(address.family());
    return host;
  }

  const IpAddress& network() const { return network_; }
  uint8_t length() const { return length_; }
  IpFamily family() const { return network_.family(); }
  bool Contains(const IpAddress& address) const;
  bool Contains(const Cidr& other) const;  // equal prefixes contain each other
  std::string ToString() const;

  // Ordered so that a prefix comes right before everything it contains.
  friend auto operator<=>(const Cidr&, const Cidr&) = default;

 private:
  IpAddress network_;
  uint8_t length_ = 0;
};

// "10.0.0.0/8". Host bits are accepted and cleared; whether that is worth a warning is the
// caller's business. An address without a length is an error.
Result<Cidr> ParseCidr(std::string_view text);

class MacAddress {
 public:
  constexpr MacAddress() = default;
  constexpr explicit MacAddress(const std::array<uint8_t, 6>& bytes) : bytes_(bytes) {}

  constexpr const std::array<uint8_t, 6>& bytes() const { return bytes_; }
  // The 48 bits as an integer, first byte highest.
  constexpr uint64_t bits() const {
    uint64_t value = 0;
    for (const uint8_t byte : bytes_) value = value << 8 | byte;
    return value;
  }
  std::string ToString() const;

  friend constexpr auto operator<=>(const MacAddress&, const MacAddress&) = default;

 private:
  std::array<uint8_t, 6> bytes_{};
};

Result<MacAddress> ParseMac(std::string_view text);

}  // namespace sluice
