// FlowDelta: what has to change in the switch. Pure.
#pragma once

#include <memory>
#include <vector>

#include "ofctl/flow.h"

namespace sluice::ofctl {

// Keys are disjoint. A flow in `set` is added, or replaces the flow of its key.
struct FlowDelta {
  std::vector<FlowKey> remove;
  std::vector<Flow> set;

  bool empty() const { return remove.empty() && set.empty(); }
  size_t size() const { return remove.size() + set.size(); }
  friend bool operator==(const FlowDelta&, const FlowDelta&) = default;
};

// Large ones are shared rather than copied: a delta does not change once it is made.
using SharedDelta = std::shared_ptr<const FlowDelta>;

// The delta that turns `installed` into `desired`: Apply(Diff(d, i), i) makes i equal to d.
FlowDelta Diff(const FlowMap& desired, const FlowMap& installed);
void Apply(FlowDelta delta, FlowMap& flows);

}  // namespace sluice::ofctl
