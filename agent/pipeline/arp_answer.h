// The actions that turn an ARP request into its answer and send it back. No ARP ever crosses the
// bridge: nobody can poison what nobody hears.
#pragma once

#include "agent/pipeline/flow_parts.h"
#include "ofctl/base/ip.h"

namespace sluice::pipeline {

struct ArpAnswer {
  IpAddress address;  // the one asked for
  MacAddress mac;     // who has it
};

inline ofctl::Actions AnswerArp(const ArpAnswer& answer) {
  using ofctl::MoveField;
  using ofctl::Whole;
  return {
      MoveField{Whole(Field::kEthSrc), Whole(Field::kEthDst)},
      Load(Field::kEthSrc, answer.mac.bits()),
      Load(Field::kArpOp, ofctl::kArpReply),
      MoveField{Whole(Field::kArpSha), Whole(Field::kArpTha)},
      Load(Field::kArpSha, answer.mac.bits()),
      MoveField{Whole(Field::kArpSpa), Whole(Field::kArpTpa)},
      Load(Field::kArpSpa, answer.address.v4()),
      ofctl::Output{ofctl::kPortInPort},
  };
}

}  // namespace sluice::pipeline
