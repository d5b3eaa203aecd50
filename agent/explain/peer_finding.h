// PeerFinding: whether one entry of `from` or `to` means the other end, and why not.
#pragma once

#include <vector>

#include "agent/explain/end.h"
#include "agent/explain/explanation.h"

namespace sluice::explain {

struct PeerFinding {
  Finding finding;
  // Of those that do not match, the nearest has the highest.
  int nearness = 0;
  // The other end's pods that it means; of a block, all that have the address.
  std::vector<const PodAtEnd*> pods;
};

struct PeerContext {
  const store::ClusterStore& store;
  const std::string& policy_namespace;
  const End& other;
};

PeerFinding TestPeer(const PeerContext& context, const store::Peer& peer);

// A rule without `from` or `to`.
PeerFinding AnyPeer(const End& other);

}  // namespace sluice::explain
