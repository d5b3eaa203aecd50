// What single events cost a node that follows a cluster.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/bench/measure.h"
#include "tests/bench/node.h"

namespace sluice::bench {

struct EventCost {
  std::vector<double> microseconds;  // from the event to flow-mods
  std::vector<double> flow_mods;
};

struct Rounds {
  size_t count = 0;  // events of each kind
  Clock clock = CpuSeconds;
  std::function<void()> between = nullptr;  // after each round
};

// By kind of event: "remote pod new", "policy changed", ... `node` follows `view` first. Every
// round ends as it began.
std::map<std::string, EventCost> EventCosts(Node& node, const NodeView& view, const Rounds& rounds);

}  // namespace sluice::bench
