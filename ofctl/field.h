// The packet and metadata fields that a flow may match or set, as data: name, width, byte layout.
// Names are those of ovs-fields(7), so that text printed here reads like ovs-ofctl's.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string_view>

#include "ofctl/base/ip.h"

namespace sluice::ofctl {

// Up to 128 bits, right-aligned: the lowest bit of a field is the lowest bit of `lo`.
struct Bits {
  uint64_t hi = 0;
  uint64_t lo = 0;

  friend constexpr auto operator<=>(const Bits&, const Bits&) = default;
  friend constexpr Bits operator&(const Bits& a, const Bits& b) {
    return {a.hi & b.hi, a.lo & b.lo};
  }
  friend constexpr Bits operator|(const Bits& a, const Bits& b) {
    return {a.hi | b.hi, a.lo | b.lo};
  }
  friend constexpr Bits operator<<(const Bits& bits, unsigned count) {
    if (count == 0) return bits;
    if (count >= 128) return {};
    if (count >= 64) return {bits.lo << (count - 64), 0};
    return {bits.hi << count | bits.lo >> (64 - count), bits.lo << count};
  }
  friend constexpr Bits operator>>(const Bits& bits, unsigned count) {
    if (count == 0) return bits;
    if (count >= 128) return {};
    if (count >= 64) return {0, bits.hi >> (count - 64)};
    return {bits.hi >> count, bits.lo >> count | bits.hi << (64 - count)};
  }
  constexpr bool zero() const { return hi == 0 && lo == 0; }
};

Bits ToBits(const IpAddress& address);
// The mask of a prefix of `length` bits in an address of the family.
Bits PrefixMask(IpFamily family, uint8_t length);

// The order is the order in which ToString prints a match, and part of no protocol.
enum class Field : uint8_t {
  kPktMark,
  kConjId,
  kCtState,
  kCtMark,
  kCtLabel,
  kCtNwSrc,
  kCtIpv6Src,
  kCtNwDst,
  kCtIpv6Dst,
  kCtNwProto,
  kCtTpSrc,
  kCtTpDst,
  kReg0,
  kReg1,
  kReg2,
  kReg3,
  kReg4,
  kReg5,
  kReg6,
  kReg7,
  kXxReg3,  // reg12 to reg15, where an IPv6 address finds room; not for matches
  kInPort,
  kVlanTci,
  kEthSrc,
  kEthDst,
  kEthType,
  kNwSrc,
  kNwDst,
  kIpv6Src,
  kIpv6Dst,
  kNwProto,
  kNwTtl,  // the hop limit in IPv6
  kNwFrag,
  kTpSrc,  // of ICMP and ICMPv6: the type
  kTpDst,  // of ICMP and ICMPv6: the code
  // Of neighbour solicitations and advertisements (ICMPv6 types 135 and 136, code 0) alone.
  kNdTarget,
  kNdSll,
  kNdTll,
  kArpSpa,
  kArpTpa,
  kArpOp,
  kArpSha,
  kArpTha,
};
inline constexpr size_t kFieldCount = static_cast<size_t>(Field::kArpTha) + 1;

enum class FieldFormat : uint8_t { kDecimal, kHex, kIPv4, kIPv6, kMac, kCtState, kFrag };

struct FieldSpec {
  Field field;
  std::string_view name;      // as ovs-ofctl prints it in a match
  std::string_view set_name;  // as it prints the target of set_field
  std::string_view nxm_name;  // as it prints an operand with bits, NXM_NX_REG0[0..3]
  uint8_t bits;               // those that can be matched: ct_state has 8, nw_frag has 2
  FieldFormat format;
};

const FieldSpec& SpecOf(Field field);
// All bits of the field set.
Bits FullMask(Field field);

// A run of bits in a field, both ends inclusive, as in NXM_NX_REG0[0..3].
struct SubField {
  Field field;
  uint8_t first = 0;
  uint8_t last = 31;

  friend constexpr auto operator<=>(const SubField&, const SubField&) = default;
  constexpr uint8_t width() const { return static_cast<uint8_t>(last - first + 1); }
};

// The whole field as a SubField.
SubField Whole(Field field);
// The bits of the sub-field, in their place.
Bits MaskOf(const SubField& subfield);

constexpr uint16_t kEthTypeIPv4 = 0x0800;
constexpr uint16_t kEthTypeArp = 0x0806;
constexpr uint16_t kEthTypeIPv6 = 0x86dd;
constexpr uint8_t kProtoIcmp = 1;
constexpr uint8_t kProtoTcp = 6;
constexpr uint8_t kProtoUdp = 17;
constexpr uint8_t kProtoIcmpV6 = 58;
constexpr uint8_t kProtoSctp = 132;
constexpr uint16_t kArpRequest = 1;
constexpr uint16_t kArpReply = 2;
// ICMPv6 types of RFC 4861.
constexpr uint8_t kNdRouterSolicit = 133;
constexpr uint8_t kNdRouterAdvert = 134;
constexpr uint8_t kNdNeighborSolicit = 135;
constexpr uint8_t kNdNeighborAdvert = 136;
constexpr uint8_t kNdRedirect = 137;

// Bits of ct_state, ovs-fields(7).
enum CtStateBit : uint32_t {
  kCtNew = 0x01,
  kCtEst = 0x02,
  kCtRel = 0x04,
  kCtRpl = 0x08,
  kCtInv = 0x10,
  kCtTrk = 0x20,
};

// Bits of nw_frag, ovs-fields(7).
constexpr uint8_t kFragAny = 0x1;
constexpr uint8_t kFragLater = 0x2;

// Ports with a meaning of their own in OpenFlow 1.5 (7.2.1), as 32 bits.
constexpr uint32_t kPortInPort = 0xfffffff8;
constexpr uint32_t kPortLocal = 0xfffffffe;

}  // namespace sluice::ofctl
