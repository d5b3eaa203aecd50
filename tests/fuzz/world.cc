#include "tests/fuzz/world.h"

#include <algorithm>

namespace sluice::fuzz {
namespace {

constexpr size_t kAddresses = 14;

IpAddress AddressOf(IpFamily family, const IpAddress::Bytes& bytes) {
  if (family == IpFamily::kIPv6) return IpAddress::FromV6(bytes);
  return IpAddress::FromV4(static_cast<uint32_t>(bytes[0]) << 24 |
                           static_cast<uint32_t>(bytes[1]) << 16 |
                           static_cast<uint32_t>(bytes[2]) << 8 | bytes[3]);
}

void AddUnique(const IpAddress& address, std::vector<IpAddress>& to) {
  if (std::find(to.begin(), to.end(), address) == to.end()) to.push_back(address);
}

// Most are neighbours; some differ in one bit far to the left, so that short prefixes matter too.
IpAddress SomeV4(uint32_t base, Dice& dice) {
  uint32_t address = base + dice.Below(32);
  if (dice.Chance(30)) address ^= 1u << (5 + dice.Below(22));
  return IpAddress::FromV4(address);
}

IpAddress SomeV6(Dice& dice) {
  IpAddress::Bytes bytes = {0xfd, 0, 0, 0x10};
  bytes[15] = static_cast<uint8_t>(1 + dice.Below(32));
  if (dice.Chance(40)) {
    const uint32_t bit = 16 + dice.Below(107);
    bytes[bit / 8] = static_cast<uint8_t>(bytes[bit / 8] ^ (0x80 >> bit % 8));
  }
  return IpAddress::FromV6(bytes);
}

}  // namespace

World MakeWorld(const Features& features, Dice& dice) {
  World world;
  world.features = features;
  world.validation = dice.Chance(50) ? decode::Validation::kCreate : decode::Validation::kStored;
  world.sctp =
      dice.Chance(50) ? pipeline::SctpPorts::kFromConntrack : pipeline::SctpPorts::kFromHeader;
  // In the middle of a network, across the border of two, at the lower end of one.
  const uint32_t base = dice.OneOf({0x0a000020u, 0x09fffff0u, 0xac100000u, 0xc0a8010fu});
  while (world.v4.size() < kAddresses) AddUnique(SomeV4(base, dice), world.v4);
  while (features.ipv6 && world.v6.size() < kAddresses) AddUnique(SomeV6(dice), world.v6);
  return world;
}

IpAddress Before(const IpAddress& address) {
  IpAddress::Bytes bytes = address.bytes();
  for (size_t i = address.is_v4() ? 4 : 16; i-- > 0;) {
    if (bytes[i]-- != 0) break;
  }
  return AddressOf(address.family(), bytes);
}

IpAddress After(const IpAddress& address) {
  IpAddress::Bytes bytes = address.bytes();
  for (size_t i = address.is_v4() ? 4 : 16; i-- > 0;) {
    if (++bytes[i] != 0) break;
  }
  return AddressOf(address.family(), bytes);
}

IpAddress LastOf(const Cidr& prefix) {
  IpAddress::Bytes bytes = prefix.network().bytes();
  for (uint32_t bit = prefix.length(); bit < AddressBits(prefix.family()); ++bit) {
    bytes[bit / 8] = static_cast<uint8_t>(bytes[bit / 8] | 0x80 >> bit % 8);
  }
  return AddressOf(prefix.family(), bytes);
}

}  // namespace sluice::fuzz
