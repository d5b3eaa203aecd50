#include "agent/decode/addresses.h"

#include <algorithm>

#include "agent/decode/field_reader.h"

namespace sluice::decode {
namespace {

constexpr uint8_t kMappedBits = 96;  // ::ffff:0:0/96 (RFC 4291, 2.5.5.2)

// A NUL would cut the text short for inet_pton.
bool HasOnlyAddressCharacters(std::string_view text) {
  return text.find_first_not_of("0123456789abcdefABCDEF:./") == std::string_view::npos;
}

bool IsMapped(const IpAddress& address) {
  const IpAddress::Bytes& bytes = address.bytes();
  return !address.is_v4() &&
         std::all_of(bytes.begin(), bytes.begin() + 10, [](uint8_t b) { return b == 0; }) &&
         bytes[10] == 0xff && bytes[11] == 0xff;
}

uint32_t LastFourBytes(const IpAddress& address) {
  uint32_t value = 0;
  for (size_t i = 12; i < 16; ++i) value = value << 8 | address.bytes()[i];
  return value;
}

// "010" or "00", in an octet or in the prefix length; the groups of IPv6 may have them.
bool HasLeadingZero(std::string_view text) {
  char before = '.';
  const bool v6 = text.find(':') != std::string_view::npos;
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    const bool starts = before == '/' || (!v6 && before == '.');
    if (starts && text[i] == '0' && text[i + 1] >= '0' && text[i + 1] <= '9') return true;
    before = text[i];
  }
  return false;
}

Error NotACidr(std::string_view text) {
  if (text.empty()) return Invalid("is empty; a CIDR such as 10.0.0.0/8 was expected");
  return Invalid(Quoted(text) + " is not a CIDR such as 10.0.0.0/8 or 2001:db8::/32");
}

}  // namespace

Result<IpAddress> ParseAddress(std::string_view text) {
  if (!HasOnlyAddressCharacters(text)) return Invalid(Quoted(text) + " is not an IP address");
  SLUICE_ASSIGN_OR_RETURN(const IpAddress address, ParseIp(text));
  return IsMapped(address) ? IpAddress::FromV4(LastFourBytes(address)) : address;
}

std::optional<Cidr> MappedV4(const Cidr& cidr) {
  if (cidr.length() < kMappedBits || !IsMapped(cidr.network())) return std::nullopt;
  return Cidr::Of(IpAddress::FromV4(LastFourBytes(cidr.network())),
                  static_cast<uint8_t>(cidr.length() - kMappedBits));
}

Result<Cidr> ParseStoredCidr(std::string_view text) {
  const auto cidr = HasOnlyAddressCharacters(text) ? ParseCidr(text) : NotACidr(text);
  if (!cidr.ok()) return NotACidr(text);
  if (const auto v4 = MappedV4(*cidr)) return *v4;
  const auto address = ParseIp(text.substr(0, text.find('/')));
  if (address.ok() && IsMapped(*address)) {
    return Invalid(Quoted(text) + " is IPv4-mapped and shorter than /96");
  }
  return *cidr;
}

Result<Cidr> ParseNewCidr(std::string_view text) {
  const auto cidr = HasOnlyAddressCharacters(text) ? ParseCidr(text) : NotACidr(text);
  if (!cidr.ok()) return NotACidr(text);
  const auto address = ParseIp(text.substr(0, text.find('/')));
  if (!address.ok()) return NotACidr(text);
  const std::string instead = "; did you mean " + cidr->ToString() + "?";
  if (IsMapped(*address)) {
    const auto v4 = MappedV4(*cidr);
    return Invalid(std::string(text) + " is an IPv4-mapped IPv6 prefix" +
                   (v4 ? "; did you mean " + v4->ToString() + "?" : ""));
  }
  if (HasLeadingZero(text)) return Invalid(std::string(text) + " has leading zeros" + instead);
  if (cidr->network() != *address) {
    return Invalid(std::string(text) + " has host bits set" + instead);
  }
  return *cidr;
}

}  // namespace sluice::decode
