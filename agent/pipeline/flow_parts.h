// The words the renderers share: matches and actions that recur in the pipeline.
#pragma once

#include <array>
#include <cstdint>
#include <iterator>
#include <vector>

#include "agent/pipeline/fields.h"
#include "agent/pipeline/tables.h"
#include "ofctl/flow.h"

namespace sluice::pipeline {

inline ofctl::Action Load(const SubField& target, uint64_t value) {
  return ofctl::SetField{target, {0, value}};
}
inline ofctl::Action Load(Field field, uint64_t value) { return Load(ofctl::Whole(field), value); }
inline ofctl::Action GoTo(Table table) { return ofctl::GotoTable{Number(table)}; }
// The one way to drop: an empty list would leave the megaflow without the mask of a drop.
inline ofctl::Actions Drop() { return {GoTo(Table::kDrop)}; }

// What every match on the original tuple needs beside it; the switch answers OFPBMC_BAD_PREREQ
// to anything less.
inline ofctl::Match Tracked(IpFamily family) {
  return ofctl::Match().CtState({.set = ofctl::kCtTrk, .clear = ofctl::kCtInv}).Ip(family);
}

inline ofctl::Match FromOrigin(Origin origin) {
  return ofctl::Match().Bits32(kOrigin, static_cast<uint32_t>(origin));
}

inline constexpr std::array kFamilies = {IpFamily::kIPv4, IpFamily::kIPv6};

// A family's name for the addresses of a packet, and of the first packet of its connection.
struct AddressFields {
  Field source;
  Field destination;
  Field original_source;
  Field original_destination;
};
constexpr AddressFields FieldsOf(IpFamily family) {
  if (family == IpFamily::kIPv4) {
    return {Field::kNwSrc, Field::kNwDst, Field::kCtNwSrc, Field::kCtNwDst};
  }
  return {Field::kIpv6Src, Field::kIpv6Dst, Field::kCtIpv6Src, Field::kCtIpv6Dst};
}

// No IEEE 802.1Q or 802.1ad tag, not even one of VLAN 0.
inline ofctl::Match UntaggedFrom(OfPort port) {
  return ofctl::Match().InPort(port).Masked(Field::kVlanTci, {0, 0}, {0, 0x1fff});
}

inline ofctl::Match OfProtocol(IpFamily family, uint8_t ip_protocol) {
  return ofctl::Match().Ip(family).Exact(Field::kNwProto, ip_protocol);
}

// A message of neighbour discovery; code 0 is the only one (RFC 4861).
inline ofctl::Match Discovery(uint8_t type) {
  return OfProtocol(IpFamily::kIPv6, ofctl::kProtoIcmpV6)
      .Exact(Field::kTpSrc, type)
      .Exact(Field::kTpDst, 0);
}

// ConntrackState: a pod's packet that conntrack relates to some connection (an ICMP error).
inline constexpr uint16_t kRelatedFromPod = 150;
inline constexpr uint16_t kRelatedToOwn = 160;
inline constexpr uint16_t kDhcpServer = 170;
inline ofctl::Match RelatedFromPod() {
  return FromOrigin(Origin::kPod)
      .CtState({.set = ofctl::kCtTrk | ofctl::kCtRel, .clear = ofctl::kCtInv});
}

struct FlowSpec {
  Table table;
  uint16_t priority;
  ofctl::Match match;
  ofctl::Actions actions;
};

inline ofctl::Flow MakeFlow(uint64_t cookie, FlowSpec spec) {
  return {{Number(spec.table), spec.priority, std::move(spec.match)},
          {cookie, std::move(spec.actions)}};
}

inline void Append(std::vector<ofctl::Flow> from, std::vector<ofctl::Flow>& to) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace sluice::pipeline
