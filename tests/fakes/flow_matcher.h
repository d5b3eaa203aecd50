// FlowMatcher: sends a packet through a FlowMap, as ofproto/trace would. Small, slow and our own:
// priorities, masks, registers, load, move, goto, resubmit, learn, ct, output, and conjunctive
// matches as ovs-fields(7) describes them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ofctl/flow.h"

namespace sluice::fakes {

// Ports are those of the direction they are in; of ICMP and ICMPv6, type and code.
struct FiveTuple {
  IpAddress source;
  IpAddress destination;
  uint8_t ip_protocol = ofctl::kProtoTcp;
  uint16_t source_port = 40000;
  uint16_t destination_port = 0;

  FiveTuple Reversed() const {
    return {destination, source, ip_protocol, destination_port, source_port};
  }
};

// What a neighbour solicitation or advertisement says; an option that is not there is zero.
struct NeighborDiscovery {
  IpAddress target;
  MacAddress source_mac;
  MacAddress target_mac;
};

struct Packet {
  uint32_t in_port = 0;
  MacAddress eth_source;
  MacAddress eth_destination;
  FiveTuple ip;
  uint16_t vlan_tci = 0;  // with the bit 0x1000 if there is a tag
  uint8_t ttl = 64;
  // kFragAny, kFragLater. No fragment shows its ports to a table; conntrack tells those of a
  // connection, to the first one (OFPC_FRAG_NORMAL, and lib/flow.c).
  uint8_t fragment = 0;
  std::optional<NeighborDiscovery> discovery;
  // What conntrack says of it once asked: CtStateBit flags, the connection's first packet, ct_mark.
  // In a zone to which no flow ever commits, every packet is the first of its own connection.
  uint32_t ct_state = ofctl::kCtTrk | ofctl::kCtNew;
  FiveTuple original;
  uint32_t ct_mark = 0;
};

struct Outcome {
  std::optional<uint32_t> port;  // absent: dropped
  bool committed = false;        // by ct(commit)
  ofctl::Bits ct_label;          // as committed
  uint32_t ct_mark = 0;          // as committed
  MacAddress eth_destination;    // as sent
  IpAddress ip_source;           // as sent
  IpAddress ip_destination;      // as sent
  std::vector<uint8_t> tables;   // in the order visited
  // By learn(), as a dump shows them. They take effect when they are among a matcher's flows.
  std::vector<ofctl::Flow> learned;
  // Two flows of one priority matched: which one counts is up to the switch. Names them.
  std::string ambiguity;
};

class FlowMatcher {
 public:
  explicit FlowMatcher(const ofctl::FlowMap& flows);

  Outcome Trace(const Packet& packet) const;

  using Fields = std::array<ofctl::Bits, ofctl::kFieldCount>;
  // The flow that a packet with these fields meets in the table; null: none, it is dropped.
  const ofctl::Flow* Lookup(uint8_t table, Fields& fields, std::string& ambiguity) const;

 private:
  const ofctl::Flow* LookupPlain(uint8_t table, const Fields& fields, std::string& ambiguity) const;

  std::array<std::vector<ofctl::Flow>, 256> plain_;        // by falling priority
  std::array<std::vector<ofctl::Flow>, 256> conjunctive_;  // the same
  std::set<uint16_t> committed_zones_;                     // that flows commit connections to
};

}  // namespace sluice::fakes
