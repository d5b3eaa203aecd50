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
// chunk by chunk.
template <typename Use>
void Deliver(const NodeView& view, Node& node, Use use) {
  for (const size_t i : view.local) node.Attach(view.cluster.pods.at(i));
  ForEachChunk(view.cluster.namespaces, use);
  ForEachChunk(view.cluster.pods, use);
  ForEachChunk(view.cluster.policies, use);
}

// The same, and each chunk is committed.
template <typename Measure>
void Follow(const NodeView& view, Node& node, Measure measure) {
  Deliver(view, node, [&](const std::vector<store::StoreEvent>& events) {
    measure([&] {
      node.Apply(events);
      node.Commit();
    });
  });
}

}  // namespace sluice::bench
