// DesiredState: events in, desired flows out. Store, policy and pipeline in one pure object: what
// the agent runs, what the tests shuffle, and what the conformance suite drives.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "agent/pipeline/static_flows.h"
#include "agent/policy/policy_engine.h"
#include "agent/reconcile/desired_flows.h"
#include "agent/store/cluster_store.h"

namespace sluice::reconcile {

class DesiredState {
 public:
  explicit DesiredState(const pipeline::NodePorts& node);
  // The policy engine refers to the store beside it.
  DesiredState(const DesiredState&) = delete;
  DesiredState& operator=(const DesiredState&) = delete;

  // Each call leaves flows() as if everything had been computed from scratch.
  void Apply(const std::vector<store::StoreEvent>& events);
  void PutEndpoint(const store::Endpoint& endpoint);
  void RemoveEndpoint(const store::AttachmentId& id);
  void SetNode(const pipeline::NodePorts& node);

  // Between the two flows() is part old, part new: nobody is to install it. Neither counts: begun
  // twice is begun, and what was not begun may end.
  void BeginReplacing() { replacing_ = true; }
  void EndReplacing() { replacing_ = false; }
  bool replacing() const { return replacing_; }

  // The switch refuses flows of this owner. An endpoint's, a rule's or a service's flows are left
  // out: that only closes. Without an address's stamp or a class's isolation something might be
  // open, so every endpoint concerned is closed as well: the one with that address or class; all
  // of them, if the address would be taken for more than it is. Ends with Pardon.
  void Quarantine(const pipeline::OwnerId& owner);
  void Pardon();
  const std::set<pipeline::OwnerId>& quarantined() const { return quarantined_; }

  const store::ClusterStore& store() const { return store_; }
  const policy::PolicyEngine& policy() const { return policy_; }
  const DesiredFlows& flows() const { return flows_; }
  DesiredFlows& flows() { return flows_; }
  const pipeline::NodePorts& node() const { return node_; }

 private:
  void Feed(const store::StoreDelta& delta);
  void Render();
  void RenderEndpoint(const store::AttachmentId& id);
  void Put(pipeline::OwnedFlows owned);
  bool MustStayClosed(const store::Endpoint& endpoint) const;
  // Whether a prefix around the address is in a class that more is allowed to: an `except` is.
  bool LiesInMorePermittedPrefix(const pipeline::OwnerId& address) const;

  pipeline::NodePorts node_;
  store::ClusterStore store_;
  policy::PolicyEngine policy_;
  DesiredFlows flows_;
  std::set<store::AttachmentId> stale_endpoints_;  // to be rendered again
  std::set<pipeline::OwnerId> quarantined_;
  bool replacing_ = false;
};

}  // namespace sluice::reconcile
