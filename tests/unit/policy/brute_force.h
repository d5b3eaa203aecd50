// BruteForce: NetworkPolicies read sentence by sentence, over all pods, for one connection. Slow
// and obvious; shares the objects with the engine, and no code.
#pragma once

#include <vector>

#include "agent/policy/policy_engine.h"
#include "tests/fakes/random_cluster.h"

namespace sluice::policy {

// What one direction says, as Verdict has it.
struct BruteVerdict {
  bool egress_isolated = false;
  bool egress_allowed = true;
  bool ingress_isolated = false;
  bool ingress_allowed = true;
};

class BruteForce {
 public:
  explicit BruteForce(const fakes::ClusterState& state);

  BruteVerdict Judge(const Connection& connection) const;

 private:
  struct LivePod {
    store::Pod object;
    std::vector<IpAddress> ips;
    bool local = false;
  };
  struct Side {
    bool isolated = false;
    bool allowed = false;
  };

  // Who has the address: pods of this node, else all pods that say so.
  std::vector<const LivePod*> OwnersOf(const IpAddress& address) const;
  bool IsPort(const store::PolicyPort& port, const Connection& connection) const;
  bool IsPeer(const store::NetworkPolicy& policy, const store::Peer& peer,
              const IpAddress& address) const;
  Side JudgeSide(store::Direction direction, const Connection& connection) const;

  std::vector<LivePod> pods_;
  std::map<std::string, store::Labels> namespaces_;
  std::vector<store::NetworkPolicy> policies_;
};

}  // namespace sluice::policy
