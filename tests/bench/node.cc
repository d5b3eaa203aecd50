#include "tests/bench/node.h"

#include "tests/fakes/builders.h"

namespace sluice::bench {

constexpr OfPort kGateway{2};

Node::Node() : state_({kGateway, MacAddress({2, 0, 0, 0, 0, 1}), {fakes::Ip("10.255.255.254")}}) {}

void Node::Attach(const store::Pod& pod) {
  state_.PutEndpoint(fakes::EndpointOf(pod, {next_port_++}));
}

void Node::Detach(const store::Pod& pod) { state_.RemoveEndpoint(fakes::EndpointOf(pod, {0}).id); }

size_t Node::Commit() {
  const ofctl::FlowDelta delta = state_.flows().TakeDelta(installed_);
  ofctl::Apply(delta, installed_);
  return delta.size();
}

}  // namespace sluice::bench
