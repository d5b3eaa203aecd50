// What single events cost a node that follows a cluster.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/bench/node.h"

namespace sluice::bench {

struct EventCost {
  std::vector<double> microseconds;  // from the event to flow-mods
  std::vector<double> flow_mods;
};

// By kind of event: "remote pod new", "policy changed", ... `rounds` of each, on a node that
// follows `view`. Every round ends as it began.
std::map<std::string, EventCost> EventCosts(const NodeView& view, size_t rounds);

}  // namespace sluice::bench
