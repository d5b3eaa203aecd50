// Registers, conntrack marks, zones and priorities: every number of the pipeline that is not a
// table, declared once.
#pragma once

#include <cstdint>

#include "ofctl/field.h"

namespace sluice::pipeline {

using ofctl::Field;
using ofctl::SubField;

// Where a packet came from. Never 0: that is a packet no gate has let in.
inline constexpr SubField kOrigin{Field::kReg0, 0, 3};
enum class Origin : uint32_t {
  kPod = 1,
  kGateway = 2,  // forwarded by the node, or from its outside
  kNode = 3,     // made by the node itself: it came in by the bridge's LOCAL port
};

inline constexpr SubField kOutputPort{Field::kReg1, 0, 31};
inline constexpr SubField kEgressRuleId{Field::kReg2, 0, 31};
inline constexpr SubField kIngressRuleId{Field::kReg3, 0, 31};
// SCTP on the userspace datapath only. A packet that flows learned in SctpReply tell to be an
// answer; one of an association that the node itself opened.
inline constexpr SubField kIsSctpReply{Field::kReg4, 0, 0};
inline constexpr SubField kSctpFromNode{Field::kReg4, 1, 1};
inline constexpr SubField kSourceClassId{Field::kReg5, 0, 31};
inline constexpr SubField kDestinationClassId{Field::kReg6, 0, 31};
// The port that rules judge of such a packet: the opener's destination, which conntrack would have
// in ct_tp_dst if it knew SCTP.
inline constexpr SubField kSctpPort{Field::kReg7, 0, 15};

constexpr bool Disjoint() {
  constexpr SubField all[] = {kOrigin,        kOutputPort,         kEgressRuleId,
                              kIngressRuleId, kIsSctpReply,        kSctpFromNode,
                              kSourceClassId, kDestinationClassId, kSctpPort};
  for (const SubField& a : all) {
    for (const SubField& b : all) {
      if (&a != &b && a.field == b.field && a.first <= b.last && b.first <= a.last) return false;
    }
  }
  return true;
}
static_assert(Disjoint());

// In ct_mark: the node itself opened the connection. Set once, at commit.
inline constexpr SubField kCtMarkFromNode{Field::kCtMark, 0, 0};

// In ct_label: the rules that let the connection in. For people and counters, never for a verdict.
inline constexpr SubField kCtLabelIngressRule{Field::kCtLabel, 0, 31};
inline constexpr SubField kCtLabelEgressRule{Field::kCtLabel, 32, 63};

// One conntrack zone a family, named after it.
inline constexpr uint16_t kZoneIPv4 = 4;
inline constexpr uint16_t kZoneIPv6 = 6;
constexpr uint16_t ZoneOf(IpFamily family) {
  return family == IpFamily::kIPv4 ? kZoneIPv4 : kZoneIPv6;
}
// Where SCTP that conntrack does not know is asked for its addresses, and never committed.
inline constexpr uint16_t kZoneSctp = 132;

// No flow sets them, and no verdict rests on them. What is dropped is looked at by the one, what is
// put out by the other: so a megaflow that drops has a mask which will not do for what is put out,
// nor the other way round, and when the verdict changes ovs-vswitchd has to make it anew
// (PIPELINE.md, "The megaflows of before").
inline constexpr SubField kDropBit{Field::kPktMark, 1, 1};
inline constexpr SubField kOutputBit{Field::kPktMark, 2, 2};

namespace priority {
inline constexpr uint16_t kMiss = 0;
inline constexpr uint16_t kDefault = 100;  // the ordinary flow of a table
inline constexpr uint16_t kOverride = 200;
inline constexpr uint16_t kException = 300;  // overrides what overrides
// Class tables: kPrefix + prefix length, so that the longest prefix wins.
inline constexpr uint16_t kPrefix = 100;
// Rule tables, from the top: what is exempt; rules with one dimension (plain flows); conjunctions,
// one priority a band. Plain flows lie above, because at an equal priority they would beat a
// complete conjunction; clauses of different priorities never combine.
inline constexpr uint16_t kExempt = 1000;
inline constexpr uint16_t kPlainRule = 900;
inline constexpr uint16_t kFirstBand = 800;  // band b: kFirstBand - b
}  // namespace priority

}  // namespace sluice::pipeline
