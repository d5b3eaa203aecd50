#include "ofctl/field_text.h"

#include <cinttypes>
#include <cstdio>

namespace sluice::ofctl {
namespace {

struct CtFlagName {
  uint32_t bit;
  std::string_view name;
};
// Lowest bit first, as ovs-ofctl prints them.
constexpr CtFlagName kCtFlags[] = {{kCtNew, "new"}, {kCtEst, "est"}, {kCtRel, "rel"},
                                   {kCtRpl, "rpl"}, {kCtInv, "inv"}, {kCtTrk, "trk"},
                                   {0x40, "snat"},  {0x80, "dnat"}};

struct PortName {
  uint32_t port;
  std::string_view name;
};
// OpenFlow 1.5, 7.2.1.
constexpr PortName kPorts[] = {
    {0xfffffff7, "UNSET"},      {kPortInPort, "IN_PORT"}, {0xfffffff9, "TABLE"},
    {0xfffffffa, "NORMAL"},     {0xfffffffb, "FLOOD"},    {0xfffffffc, "ALL"},
    {0xfffffffd, "CONTROLLER"}, {kPortLocal, "LOCAL"},    {0xffffffff, "ANY"}};

IpAddress ToAddress(const Bits& bits, FieldFormat format) {
  if (format == FieldFormat::kIPv4) return IpAddress::FromV4(static_cast<uint32_t>(bits.lo));
  IpAddress::Bytes bytes{};
  for (size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<uint8_t>(bits.hi >> (56 - 8 * i));
    bytes[i + 8] = static_cast<uint8_t>(bits.lo >> (56 - 8 * i));
  }
  return IpAddress::FromV6(bytes);
}

std::string MacText(uint64_t bits) {
  std::array<uint8_t, 6> bytes{};
  for (size_t i = 0; i < 6; ++i) bytes[i] = static_cast<uint8_t>(bits >> (40 - 8 * i));
  return MacAddress(bytes).ToString();
}

std::string CtStateText(const FieldMatch& entry) {
  std::string text;
  const bool exact = entry.mask == FullMask(entry.field);
  if (exact && entry.value.zero()) return "0";
  for (const CtFlagName& flag : kCtFlags) {
    const bool on = (entry.value.lo & flag.bit) != 0;
    if (exact && on) text += (text.empty() ? "" : "|") + std::string(flag.name);
    if (exact || (entry.mask.lo & flag.bit) == 0) continue;
    text += (on ? '+' : '-') + std::string(flag.name);
  }
  return text;
}

std::string FragText(const FieldMatch& entry) {
  const bool any = (entry.value.lo & kFragAny) != 0;
  const bool later = (entry.value.lo & kFragLater) != 0;
  if (entry.mask.lo == kFragAny) return any ? "yes" : "no";
  if (entry.mask.lo == kFragLater) return later ? "later" : "not_later";
  if (any) return later ? "later" : "first";
  return later ? "<error>" : "no";
}

std::string AddressText(const FieldMatch& entry, FieldFormat format) {
  const IpFamily family = format == FieldFormat::kIPv4 ? IpFamily::kIPv4 : IpFamily::kIPv6;
  const std::string address = ToAddress(entry.value, format).ToString();
  if (entry.mask == FullMask(entry.field)) return address;
  for (int length = AddressBits(family); length >= 0; --length) {
    if (PrefixMask(family, static_cast<uint8_t>(length)) == entry.mask) {
      return address + "/" + std::to_string(length);
    }
  }
  return address + "/" + ToAddress(entry.mask, format).ToString();
}

std::string FourHexDigits(uint64_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%04" PRIx64, value);
  return text;
}

// printf's %x, that writes zero as 0x0.
std::string PlainHex(uint64_t value) { return value == 0 ? "0x0" : HexText({0, value}); }

}  // namespace

std::string HexText(const Bits& bits) {
  char text[40];
  if (bits.hi == 0) {
    std::snprintf(text, sizeof text, "%#" PRIx64, bits.lo);
  } else {
    std::snprintf(text, sizeof text, "0x%" PRIx64 "%016" PRIx64, bits.hi, bits.lo);
  }
  return text;
}

std::string PortText(uint64_t port) {
  for (const PortName& known : kPorts) {
    if (known.port == port) return std::string(known.name);
  }
  return std::to_string(port);
}

std::string MatchValueText(const FieldMatch& entry) {
  const FieldSpec& spec = SpecOf(entry.field);
  const bool exact = entry.mask == FullMask(entry.field);
  if (entry.field == Field::kVlanTci || entry.field == Field::kEthType) {
    return FourHexDigits(entry.value.lo) + (exact ? "" : "/" + FourHexDigits(entry.mask.lo));
  }
  if (spec.format == FieldFormat::kDecimal && !exact) {
    return PlainHex(entry.value.lo) + "/" + PlainHex(entry.mask.lo);
  }
  return SetValueText(entry);
}

std::string SetValueText(const FieldMatch& entry) {
  const FieldSpec& spec = SpecOf(entry.field);
  const bool exact = entry.mask == FullMask(entry.field);
  switch (spec.format) {
    case FieldFormat::kCtState:
      return CtStateText(entry);
    case FieldFormat::kFrag:
      return FragText(entry);
    case FieldFormat::kIPv4:
    case FieldFormat::kIPv6:
      return AddressText(entry, spec.format);
    case FieldFormat::kMac:
      return MacText(entry.value.lo) + (exact ? "" : "/" + MacText(entry.mask.lo));
    case FieldFormat::kDecimal:
      if (exact && entry.field == Field::kInPort) return PortText(entry.value.lo);
      return std::to_string(entry.value.lo) + (exact ? "" : "/" + HexText(entry.mask));
    case FieldFormat::kHex:
      break;
  }
  return HexText(entry.value) + (exact ? "" : "/" + HexText(entry.mask));
}

}  // namespace sluice::ofctl
