// Node: the agent's pure half, and a switch that does at once what it is told.
#pragma once

#include "agent/reconcile/desired_state.h"
#include "tests/bench/shapes.h"

namespace sluice::bench {

class Node {
 public:
  Node();
  virtual ~Node() = default;

  void Apply(const std::vector<store::StoreEvent>& events) { state_.Apply(events); }
  // The pod becomes one of this node.
  void Attach(const store::Pod& pod);
  void Detach(const store::Pod& pod);
  // Brings `installed` up to what is desired; how many flow-mods that takes.
  virtual size_t Commit();

  reconcile::DesiredState& state() { return state_; }
  const ofctl::FlowMap& installed() const { return installed_; }

 private:
  reconcile::DesiredState state_;
  ofctl::FlowMap installed_;
  uint32_t next_port_ = 10;
};

// The pods of `view` that are local are attached first, as after a restart; then the objects come,
// and each chunk is committed.
template <typename Measure>
void Follow(const NodeView& view, Node& node, Measure measure) {
  for (const size_t i : view.local) node.Attach(view.cluster.pods.at(i));
  const auto feed = [&](const std::vector<store::StoreEvent>& events) {
    measure([&] {
      node.Apply(events);
      node.Commit();
    });
  };
  ForEachChunk(view.cluster.namespaces, feed);
  ForEachChunk(view.cluster.pods, feed);
  ForEachChunk(view.cluster.policies, feed);
}

}  // namespace sluice::bench
