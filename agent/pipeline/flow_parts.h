// The words the renderers share: matches and actions that recur in the pipeline.
#pragma once

#include <cstdint>

#include "agent/pipeline/fields.h"
#include "agent/pipeline/tables.h"
#include "ofctl/flow.h"

namespace sluice::pipeline {

inline ofctl::Action Load(const SubField& target, uint64_t value) {
  return ofctl::SetField{target, {0, value}};
}
inline ofctl::Action Load(Field field, uint64_t value) { return Load(ofctl::Whole(field), value); }
inline ofctl::Action GoTo(Table table) { return ofctl::GotoTable{Number(table)}; }

// What every match on the original tuple needs beside it; the switch answers OFPBMC_BAD_PREREQ
// to anything less.
inline ofctl::Match Tracked(IpFamily family) {
  return ofctl::Match().CtState({.set = ofctl::kCtTrk, .clear = ofctl::kCtInv}).Ip(family);
}

inline ofctl::Match FromOrigin(Origin origin) {
  return ofctl::Match().Bits32(kOrigin, static_cast<uint32_t>(origin));
}

// ConntrackState: a pod's packet that conntrack relates to some connection (an ICMP error).
inline constexpr uint16_t kRelatedFromPod = 150;
inline constexpr uint16_t kRelatedToOwn = 160;
inline ofctl::Match RelatedFromPod() {
  return FromOrigin(Origin::kPod)
      .CtState({.set = ofctl::kCtTrk | ofctl::kCtRel, .clear = ofctl::kCtInv})
      .Ip(IpFamily::kIPv4);
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

}  // namespace sluice::pipeline
