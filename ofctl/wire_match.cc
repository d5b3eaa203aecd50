#include "ofctl/wire_match.h"

#include "ofctl/ovs_ptr.h"
#include "ofctl/wire_bits.h"

namespace sluice::ofctl {
namespace {

mf_field_id TransportField(Field field, uint8_t proto) {
  const bool source = field == Field::kTpSrc;
  switch (proto) {
    case kProtoUdp:
      return source ? MFF_UDP_SRC : MFF_UDP_DST;
    case kProtoSctp:
      return source ? MFF_SCTP_SRC : MFF_SCTP_DST;
    case kProtoIcmp:
      return source ? MFF_ICMPV4_TYPE : MFF_ICMPV4_CODE;
    case kProtoIcmpV6:
      return source ? MFF_ICMPV6_TYPE : MFF_ICMPV6_CODE;
    default:
      return source ? MFF_TCP_SRC : MFF_TCP_DST;
  }
}

mf_field_id OvsFieldId(Field field, uint8_t proto) {
  switch (field) {
    case Field::kPktMark:
      return MFF_PKT_MARK;
    case Field::kConjId:
      return MFF_CONJ_ID;
    case Field::kCtState:
      return MFF_CT_STATE;
    case Field::kCtMark:
      return MFF_CT_MARK;
    case Field::kCtLabel:
      return MFF_CT_LABEL;
    case Field::kCtNwSrc:
      return MFF_CT_NW_SRC;
    case Field::kCtIpv6Src:
      return MFF_CT_IPV6_SRC;
    case Field::kCtNwDst:
      return MFF_CT_NW_DST;
    case Field::kCtIpv6Dst:
      return MFF_CT_IPV6_DST;
    case Field::kCtNwProto:
      return MFF_CT_NW_PROTO;
    case Field::kCtTpSrc:
      return MFF_CT_TP_SRC;
    case Field::kCtTpDst:
      return MFF_CT_TP_DST;
    case Field::kReg0:
      return MFF_REG0;
    case Field::kReg1:
      return MFF_REG1;
    case Field::kReg2:
      return MFF_REG2;
    case Field::kReg3:
      return MFF_REG3;
    case Field::kReg4:
      return MFF_REG4;
    case Field::kReg5:
      return MFF_REG5;
    case Field::kReg6:
      return MFF_REG6;
    case Field::kReg7:
      return MFF_REG7;
    case Field::kXxReg3:
      return MFF_XXREG3;
    case Field::kInPort:
      return MFF_IN_PORT_OXM;
    case Field::kVlanTci:
      return MFF_VLAN_TCI;
    case Field::kEthSrc:
      return MFF_ETH_SRC;
    case Field::kEthDst:
      return MFF_ETH_DST;
    case Field::kEthType:
      return MFF_ETH_TYPE;
    case Field::kNwSrc:
      return MFF_IPV4_SRC;
    case Field::kNwDst:
      return MFF_IPV4_DST;
    case Field::kIpv6Src:
      return MFF_IPV6_SRC;
    case Field::kIpv6Dst:
      return MFF_IPV6_DST;
    case Field::kNwProto:
      return MFF_IP_PROTO;
    case Field::kNwTtl:
      return MFF_IP_TTL;
    case Field::kNwFrag:
      return MFF_IP_FRAG;
    case Field::kTpSrc:
    case Field::kTpDst:
      return TransportField(field, proto);
    case Field::kNdTarget:
      return MFF_ND_TARGET;
    case Field::kNdSll:
      return MFF_ND_SLL;
    case Field::kNdTll:
      return MFF_ND_TLL;
    case Field::kArpSpa:
      return MFF_ARP_SPA;
    case Field::kArpTpa:
      return MFF_ARP_TPA;
    case Field::kArpOp:
      return MFF_ARP_OP;
    case Field::kArpSha:
      return MFF_ARP_SHA;
    case Field::kArpTha:
      return MFF_ARP_THA;
  }
  return MFF_N_IDS;
}

std::array<std::optional<Field>, MFF_N_IDS> InverseFields() {
  std::array<std::optional<Field>, MFF_N_IDS> inverse;
  for (const uint8_t proto : {kProtoTcp, kProtoUdp, kProtoSctp}) {
    for (size_t i = 0; i < kFieldCount; ++i) {
      inverse[OvsFieldId(static_cast<Field>(i), proto)] = static_cast<Field>(i);
    }
  }
  return inverse;
}

// struct flow keeps ARP's operation and addresses where IPv4 has its own, and ND's addresses where
// ARP has its own: the EtherType says whose they are.
bool BelongsTo(Field field, uint16_t eth_type) {
  const bool arp = eth_type == kEthTypeArp;
  switch (field) {
    case Field::kArpSpa:
    case Field::kArpTpa:
    case Field::kArpOp:
    case Field::kArpSha:
    case Field::kArpTha:
      return arp;
    case Field::kNwSrc:
    case Field::kNwDst:
    case Field::kNwProto:
      return !arp;
    case Field::kNdSll:
    case Field::kNdTll:
      return eth_type == kEthTypeIPv6;
    default:
      return true;
  }
}

}  // namespace

const mf_field& OvsField(Field field, uint8_t proto) {
  return *mf_from_id(OvsFieldId(field, proto));
}

std::optional<Field> FieldOf(const mf_field& field) {
  static const auto kInverse = InverseFields();
  return kInverse[field.id];
}

Status CheckBits(const SubField& subfield) {
  if (subfield.first <= subfield.last && subfield.last < SpecOf(subfield.field).bits) return Ok();
  return Invalid("bits " + std::to_string(subfield.first) + ".." + std::to_string(subfield.last) +
                 " of " + std::string(SpecOf(subfield.field).name));
}

void ToOvs(const SubField& from, uint8_t proto, mf_subfield& to) {
  to.field = &OvsField(from.field, proto);
  to.ofs = from.first;
  to.n_bits = from.width();
}

std::optional<SubField> FromOvs(const mf_subfield& from) {
  const std::optional<Field> field = from.field ? FieldOf(*from.field) : std::nullopt;
  if (!field || from.n_bits == 0 || from.ofs + from.n_bits > SpecOf(*field).bits) {
    return std::nullopt;
  }
  return SubField{*field, static_cast<uint8_t>(from.ofs),
                  static_cast<uint8_t>(from.ofs + from.n_bits - 1)};
}

uint8_t ProtoOf(const Match& match) {
  const auto proto = match.Find(Field::kNwProto);
  return proto ? static_cast<uint8_t>(proto->value.lo) : uint8_t{0};
}

Status ToOvs(const Match& from, ::match& to) {
  match_init_catchall(&to);
  const uint8_t proto = ProtoOf(from);
  for (const FieldMatch& entry : from.fields()) {
    const mf_field& field = OvsField(entry.field, proto);
    mf_value value;
    mf_value mask;
    PutBits(entry.value, value.b, field.n_bytes);
    PutBits(entry.mask, mask.b, field.n_bytes);
    // A field whose last byte has unused bits is exact without them.
    if (entry.mask == FullMask(entry.field)) mask = exact_match_mask;
    if (mf_set(&field, &value, &mask, &to, nullptr) == 0) {
      return Unsupported("the switch cannot mask " + std::string(SpecOf(entry.field).name));
    }
  }
  return Ok();
}

void ForgetEthernet(::match& match) {
  if (!match_has_default_packet_type(&match)) return;
  match.flow.packet_type = 0;
  match.wc.masks.packet_type = 0;
}

Match KnownFields(const ::match& from) {
  const uint16_t eth_type = ntohs(from.flow.dl_type);
  Match match;
  for (size_t i = 0; i < kFieldCount; ++i) {
    const Field ours = static_cast<Field>(i);
    // Ports are 16 bits wide in struct flow whatever the protocol: read them as TCP's.
    const mf_field& field = OvsField(ours, kProtoTcp);
    if (mf_is_all_wild(&field, &from.wc) || !BelongsTo(ours, eth_type)) continue;
    mf_value value;
    mf_value mask;
    mf_get(&field, &from, &value, &mask);
    Bits bits = GetBits(mask.b, field.n_bytes);
    // struct flow keeps eight bits of arp_op.
    if (ours == Field::kArpOp && bits.lo == 0xff) bits = FullMask(ours);
    match.Masked(ours, GetBits(value.b, field.n_bytes), bits);
  }
  return match;
}

ReadMatch FromOvs(::match& from) {
  ForgetEthernet(from);
  ReadMatch read{KnownFields(from)};
  ::match again;
  if (!ToOvs(read.match, again).ok() || !match_equal(&from, &again)) {
    read.extent = ReadMatch::Extent::kPart;
  }
  return read;
}

}  // namespace sluice::ofctl
