// Whether one rule of a policy allows the connection, and by how little it does not.
#pragma once

#include <vector>

#include "agent/explain/end.h"
#include "agent/explain/explanation.h"

namespace sluice::explain {

struct ConnectionEnds {
  const store::ClusterStore& store;
  const End& source;
  const End& destination;
  store::Protocol protocol = store::Protocol::kTcp;
  uint16_t port = 0;

  const End& Subject(store::Direction direction) const {
    return direction == store::Direction::kIngress ? destination : source;
  }
  const End& Other(store::Direction direction) const {
    return direction == store::Direction::kIngress ? source : destination;
  }
};

struct RuleContext {
  const ConnectionEnds& connection;
  const store::NetworkPolicy& policy;
  store::Direction direction = store::Direction::kIngress;
  std::vector<const PodAtEnd*> subjects;  // of this policy, at the subject's end
};

// rule.index is left to the caller.
RuleFinding TestRule(const RuleContext& context, const store::PolicyRule& rule);

}  // namespace sluice::explain
