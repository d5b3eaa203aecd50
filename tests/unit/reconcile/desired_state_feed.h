// What the tests of DesiredState share: feeding it events of a random cluster.
#pragma once

#include "agent/reconcile/desired_state.h"
#include "tests/fakes/builders.h"
#include "tests/fakes/random_cluster.h"

namespace sluice::reconcile {

inline constexpr uint32_t kGatewayPort = 2;

inline pipeline::NodePorts TestNode() {
  return {{kGatewayPort}, MacAddress({2, 0, 0, 0, 0, 1}), {fakes::Ip("10.0.255.254")}};
}

inline void Feed(DesiredState& state, const fakes::ClusterEvent& event) {
  if (const auto* object = std::get_if<store::StoreEvent>(&event)) {
    state.Apply({*object});
  } else if (const auto* endpoint = std::get_if<store::Endpoint>(&event)) {
    state.PutEndpoint(*endpoint);
  } else {
    state.RemoveEndpoint(std::get<store::AttachmentId>(event));
  }
}

}  // namespace sluice::reconcile
