#include "tests/fuzz/block_writer.h"

#include <boost/json.hpp>

namespace sluice::fuzz {
namespace {

namespace json = boost::json;

uint8_t SomeLength(IpFamily family, Dice& dice) {
  const uint32_t bits = AddressBits(family);
  if (dice.Chance(60)) return static_cast<uint8_t>(bits - dice.Below(8));  // about neighbours
  if (dice.Chance(25)) return 0;
  return static_cast<uint8_t>(dice.Below(bits + 1));
}

IpAddress SomeAddressNear(IpFamily family, const World& world, Dice& dice) {
  const IpAddress address = dice.OneOf(family == IpFamily::kIPv4 ? world.v4 : world.v6);
  if (dice.Chance(10)) return Before(address);
  return dice.Chance(10) ? After(address) : address;
}

// 10.1.2.3 as 010.001.002.003.
std::string WithLeadingZeros(const std::string& v4) {
  std::string text;
  std::string octet;
  for (const char c : v4 + ".") {
    if (c != '.') {
      octet += c;
      continue;
    }
    text += (text.empty() ? "" : ".") + std::string(3 - octet.size(), '0') + octet;
    octet.clear();
  }
  return text;
}

// Rule 28 and 58: the spellings that old objects hold.
std::string OddText(const IpAddress& address, uint8_t length, Dice& dice) {
  const std::string number = std::to_string(length);
  switch (dice.Below(5)) {
    case 0:
    case 1:
      return address.ToString() + "/" + number;  // with its host bits
    case 2:
      return address.is_v4() ? WithLeadingZeros(address.ToString()) + "/" + number
                             : address.ToString() + "/" + number;
    case 3:
      if (!address.is_v4()) return address.ToString() + "/0" + number;
      return "::ffff:" + address.ToString() + "/" +
             std::to_string(dice.Chance(85) ? 96 + length : length);
    default:
      return dice.OneOf(
          {std::string("ten/8"), address.ToString(), address.ToString() + "/129", std::string("")});
  }
}

std::string TextOf(const Cidr& prefix, const IpAddress& inside, const World& world, Dice& dice) {
  if (world.odd() && dice.Chance(15)) return OddText(inside, prefix.length(), dice);
  return prefix.ToString();
}

}  // namespace

json::object WriteIpBlock(const World& world, Dice& dice) {
  const bool v6 = !world.v6.empty() && dice.Chance(45);
  const IpFamily family = v6 ? IpFamily::kIPv6 : IpFamily::kIPv4;
  const IpAddress inside = SomeAddressNear(family, world, dice);
  const Cidr around = Cidr::Of(inside, SomeLength(family, dice));
  json::object block = {{"cidr", TextOf(around, inside, world, dice)}};
  json::array except;
  for (uint32_t tries = dice.Below(5); tries > 0; --tries) {
    const IpFamily other = world.odd() && !world.v6.empty() && dice.Chance(5)
                               ? (v6 ? IpFamily::kIPv4 : IpFamily::kIPv6)
                               : family;
    const IpAddress cut = SomeAddressNear(other, world, dice);
    const Cidr hole = Cidr::Of(cut, SomeLength(other, dice));
    // Rule 57: what is not strictly inside is refused today.
    const bool legal = around.Contains(hole) && hole.length() > around.length();
    if (legal || (world.odd() && dice.Chance(8))) {
      except.emplace_back(TextOf(hole, cut, world, dice));
    }
  }
  if (!except.empty() || dice.Chance(5)) block["except"] = std::move(except);
  return block;
}

}  // namespace sluice::fuzz
