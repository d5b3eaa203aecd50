#include "ofctl/field.h"

namespace sluice::ofctl {
namespace {

constexpr std::array<FieldSpec, kFieldCount> kFields = {{
    {Field::kPktMark, "pkt_mark", "pkt_mark", "NXM_NX_PKT_MARK", 32, FieldFormat::kHex},
    {Field::kConjId, "conj_id", "conj_id", "NXM_NX_CONJ_ID", 32, FieldFormat::kDecimal},
    {Field::kCtState, "ct_state", "ct_state", "NXM_NX_CT_STATE", 8, FieldFormat::kCtState},
    {Field::kCtMark, "ct_mark", "ct_mark", "NXM_NX_CT_MARK", 32, FieldFormat::kHex},
    {Field::kCtLabel, "ct_label", "ct_label", "NXM_NX_CT_LABEL", 128, FieldFormat::kHex},
    {Field::kCtNwSrc, "ct_nw_src", "ct_nw_src", "NXM_NX_CT_NW_SRC", 32, FieldFormat::kIPv4},
    {Field::kCtIpv6Src, "ct_ipv6_src", "ct_ipv6_src", "NXM_NX_CT_IPV6_SRC", 128,
     FieldFormat::kIPv6},
    {Field::kCtNwDst, "ct_nw_dst", "ct_nw_dst", "NXM_NX_CT_NW_DST", 32, FieldFormat::kIPv4},
    {Field::kCtIpv6Dst, "ct_ipv6_dst", "ct_ipv6_dst", "NXM_NX_CT_IPV6_DST", 128,
     FieldFormat::kIPv6},
    {Field::kCtNwProto, "ct_nw_proto", "ct_nw_proto", "NXM_NX_CT_NW_PROTO", 8,
     FieldFormat::kDecimal},
    {Field::kCtTpSrc, "ct_tp_src", "ct_tp_src", "NXM_NX_CT_TP_SRC", 16, FieldFormat::kDecimal},
    {Field::kCtTpDst, "ct_tp_dst", "ct_tp_dst", "NXM_NX_CT_TP_DST", 16, FieldFormat::kDecimal},
    {Field::kReg0, "reg0", "reg0", "NXM_NX_REG0", 32, FieldFormat::kHex},
    {Field::kReg1, "reg1", "reg1", "NXM_NX_REG1", 32, FieldFormat::kHex},
    {Field::kReg2, "reg2", "reg2", "NXM_NX_REG2", 32, FieldFormat::kHex},
    {Field::kReg3, "reg3", "reg3", "NXM_NX_REG3", 32, FieldFormat::kHex},
    {Field::kReg4, "reg4", "reg4", "NXM_NX_REG4", 32, FieldFormat::kHex},
    {Field::kReg5, "reg5", "reg5", "NXM_NX_REG5", 32, FieldFormat::kHex},
    {Field::kReg6, "reg6", "reg6", "NXM_NX_REG6", 32, FieldFormat::kHex},
    {Field::kReg7, "reg7", "reg7", "NXM_NX_REG7", 32, FieldFormat::kHex},
    {Field::kXxReg3, "xxreg3", "xxreg3", "NXM_NX_XXREG3", 128, FieldFormat::kHex},
    {Field::kInPort, "in_port", "in_port", "OXM_OF_IN_PORT", 32, FieldFormat::kDecimal},
    {Field::kVlanTci, "vlan_tci", "vlan_tci", "NXM_OF_VLAN_TCI", 16, FieldFormat::kHex},
    {Field::kEthSrc, "dl_src", "eth_src", "NXM_OF_ETH_SRC", 48, FieldFormat::kMac},
    {Field::kEthDst, "dl_dst", "eth_dst", "NXM_OF_ETH_DST", 48, FieldFormat::kMac},
    {Field::kEthType, "dl_type", "eth_type", "NXM_OF_ETH_TYPE", 16, FieldFormat::kHex},
    {Field::kNwSrc, "nw_src", "ip_src", "NXM_OF_IP_SRC", 32, FieldFormat::kIPv4},
    {Field::kNwDst, "nw_dst", "ip_dst", "NXM_OF_IP_DST", 32, FieldFormat::kIPv4},
    {Field::kIpv6Src, "ipv6_src", "ipv6_src", "NXM_NX_IPV6_SRC", 128, FieldFormat::kIPv6},
    {Field::kIpv6Dst, "ipv6_dst", "ipv6_dst", "NXM_NX_IPV6_DST", 128, FieldFormat::kIPv6},
    {Field::kNwProto, "nw_proto", "nw_proto", "NXM_OF_IP_PROTO", 8, FieldFormat::kDecimal},
    {Field::kNwTtl, "nw_ttl", "nw_ttl", "NXM_NX_IP_TTL", 8, FieldFormat::kDecimal},
    {Field::kNwFrag, "nw_frag", "ip_frag", "NXM_NX_IP_FRAG", 2, FieldFormat::kFrag},
    {Field::kTpSrc, "tp_src", "tp_src", "NXM_OF_TP_SRC", 16, FieldFormat::kDecimal},
    {Field::kTpDst, "tp_dst", "tp_dst", "NXM_OF_TP_DST", 16, FieldFormat::kDecimal},
    {Field::kNdTarget, "nd_target", "nd_target", "NXM_NX_ND_TARGET", 128, FieldFormat::kIPv6},
    {Field::kNdSll, "nd_sll", "nd_sll", "NXM_NX_ND_SLL", 48, FieldFormat::kMac},
    {Field::kNdTll, "nd_tll", "nd_tll", "NXM_NX_ND_TLL", 48, FieldFormat::kMac},
    {Field::kArpSpa, "arp_spa", "arp_spa", "NXM_OF_ARP_SPA", 32, FieldFormat::kIPv4},
    {Field::kArpTpa, "arp_tpa", "arp_tpa", "NXM_OF_ARP_TPA", 32, FieldFormat::kIPv4},
    {Field::kArpOp, "arp_op", "arp_op", "NXM_OF_ARP_OP", 16, FieldFormat::kDecimal},
    {Field::kArpSha, "arp_sha", "arp_sha", "NXM_NX_ARP_SHA", 48, FieldFormat::kMac},
    {Field::kArpTha, "arp_tha", "arp_tha", "NXM_NX_ARP_THA", 48, FieldFormat::kMac},
}};

constexpr bool EveryFieldAtItsIndex() {
  for (size_t i = 0; i < kFields.size(); ++i) {
    if (static_cast<size_t>(kFields[i].field) != i) return false;
  }
  return true;
}
static_assert(EveryFieldAtItsIndex());

constexpr Bits LowBits(unsigned count) {
  if (count >= 128) return {~uint64_t{0}, ~uint64_t{0}};
  if (count > 64) return {(uint64_t{1} << (count - 64)) - 1, ~uint64_t{0}};
  if (count == 64) return {0, ~uint64_t{0}};
  return {0, (uint64_t{1} << count) - 1};
}

}  // namespace

const FieldSpec& SpecOf(Field field) { return kFields[static_cast<size_t>(field)]; }

Bits FullMask(Field field) { return LowBits(SpecOf(field).bits); }

SubField Whole(Field field) { return {field, 0, static_cast<uint8_t>(SpecOf(field).bits - 1)}; }

Bits MaskOf(const SubField& subfield) { return LowBits(subfield.width()) << subfield.first; }

Bits ToBits(const IpAddress& address) {
  if (address.is_v4()) return {0, address.v4()};
  Bits bits;
  for (size_t i = 0; i < 8; ++i) {
    bits.hi = bits.hi << 8 | address.bytes()[i];
    bits.lo = bits.lo << 8 | address.bytes()[i + 8];
  }
  return bits;
}

Bits PrefixMask(IpFamily family, uint8_t length) {
  const Bits full = LowBits(AddressBits(family));
  const Bits host = LowBits(static_cast<unsigned>(AddressBits(family) - length));
  return {full.hi & ~host.hi, full.lo & ~host.lo};
}

}  // namespace sluice::ofctl
