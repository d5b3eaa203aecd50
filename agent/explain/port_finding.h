// Whether the `ports` of a rule allow a port, and why not.
#pragma once

#include <vector>

#include "agent/explain/end.h"
#include "agent/explain/explanation.h"

namespace sluice::explain {

struct PortContext {
  store::Protocol protocol = store::Protocol::kTcp;
  uint16_t port = 0;
  const End& destination;
  // Who resolves named ports (netpol rule 32): ingress, the policy's subjects at the destination;
  // egress, the pods there that the peer means.
  std::vector<const PodAtEnd*> resolvers;
};

Finding TestPorts(const PortContext& context, const std::vector<store::PolicyPort>& ports);

}  // namespace sluice::explain
