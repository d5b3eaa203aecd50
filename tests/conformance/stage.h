// Stage: a DesiredState of which every pod is an endpoint of this node, as if CNI ADD had attached
// it. Ports are planned for a whole case, so that a state that was replayed and one that was jumped
// to are the same to the last flow.
#pragma once

#include <map>
#include <vector>

#include "agent/reconcile/desired_state.h"
#include "tests/conformance/cluster_case.h"

namespace sluice::conformance {

using PortPlan = std::map<store::ObjectKey, OfPort>;

// From kFirstPodPort upwards, one for every pod that any state of the case has.
inline constexpr uint32_t kFirstPodPort = 1000;
PortPlan PlanPorts(const Case& of);

// The node's own ports on the bridge.
pipeline::NodePorts TestNode();

class Stage {
 public:
  explicit Stage(const PortPlan& ports) : ports_(ports), desired_(TestNode()) {}

  // Objects in the given order; a pod's endpoint comes right after it and goes right before it.
  void Apply(const std::vector<store::StoreEvent>& events);

  const ClusterState& state() const { return state_; }
  reconcile::DesiredState& desired() { return desired_; }
  const reconcile::DesiredState& desired() const { return desired_; }
  OfPort PortOf(const store::ObjectKey& pod) const { return ports_.at(pod); }

 private:
  const PortPlan& ports_;  // borrowed
  ClusterState state_;     // the objects that were applied
  reconcile::DesiredState desired_;
};

// In words, what differs between two stages that should be alike; empty if nothing does.
std::string Difference(const Stage& replayed, const Stage& fresh);

}  // namespace sluice::conformance
