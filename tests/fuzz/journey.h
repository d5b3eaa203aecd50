// Journey: where a connection enters the bridge and where the oracle wants it to leave.
#pragma once

#include <optional>
#include <vector>

#include "tests/fuzz/replay.h"
#include "tests/oracle/oracle.h"

namespace sluice::fuzz {

// One direction of it. No exit: the packet must be dropped. Several: by any of them, for the
// address was given out twice.
struct Leg {
  uint32_t in_port = 0;
  MacAddress source_mac;
  std::vector<uint32_t> exits;
};

struct Journey {
  Leg request;
  Leg reply;
};

// Absent if no packet of it ever crosses this bridge: neither end is here, both are one pod (rule
// 41), or the switch has not said yet which port is an end's.
std::optional<Journey> PlanJourney(const oracle::Oracle& oracle,
                                   const oracle::Connection& connection, bool allowed);

}  // namespace sluice::fuzz
