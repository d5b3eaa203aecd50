// Replay: the agent's side of a history. Manifests go through agent/decode as JSON text, then into
// the agent's own DesiredState.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "agent/reconcile/desired_state.h"
#include "tests/fuzz/history.h"

namespace sluice::fuzz {

// A planted bug: what it makes of an object before the engine sees it. For tests of the fuzzer.
using Tamper = std::function<void(store::Object&)>;

// The bridge's own ports.
inline constexpr uint32_t kGatewayPort = 1;
pipeline::NodePorts FuzzNode(pipeline::SctpPorts sctp);

class Replay {
 public:
  // Of `history` nothing but how its objects are decoded and which datapath the node has.
  Replay(const History& history, Tamper tamper);

  // What the decoder had against a manifest, if anything: in no history it should.
  std::optional<std::string> Apply(const Event& event);

  reconcile::DesiredState& desired() { return desired_; }
  const reconcile::DesiredState& desired() const { return desired_; }

 private:
  std::optional<std::string> Put(const boost::json::object& manifest);

  decode::Validation validation_;
  Tamper tamper_;
  reconcile::DesiredState desired_;
};

// In words, what differs from the flows of the same state made in another order, from nothing.
// Empty if nothing does.
std::string DifferenceFromScratch(const ofctl::FlowMap& flows, const History& history,
                                  const Tamper& tamper);

}  // namespace sluice::fuzz
