// FlowMatcher: sends a packet through a FlowMap, as ofproto/trace would. Small, slow and our own:
// priorities, masks, registers, load, move, goto, ct, output, and conjunctive matches as
// ovs-fields(7) describes them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ofctl/flow.h"

namespace sluice::fakes {

// Ports are those of the direction they are in.
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

struct Packet {
  uint32_t in_port = 0;
  MacAddress eth_source;
  MacAddress eth_destination;
  FiveTuple ip;
  // What conntrack says of it once asked: CtStateBit flags, the connection's first packet, ct_mark.
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
  std::vector<uint8_t> tables;   // in the order visited
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
};

}  // namespace sluice::fakes
