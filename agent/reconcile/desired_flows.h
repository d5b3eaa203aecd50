// DesiredFlows: what the bridge should contain, and which keys may differ from what was last
// committed. Pure bookkeeping: FlowReconciler does the sending.
//
// Two owners may claim one key (two endpoints with one address, for a moment). The owner that sorts
// first has it; the other's claim waits. Arrival decides nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "agent/pipeline/owner.h"
#include "ofctl/base/strong_id.h"
#include "ofctl/flow.h"
#include "ofctl/flow_diff.h"

namespace sluice::reconcile {

// Counts changes of the desired flows. "Revision 7 is installed" means that every change up to the
// seventh is in the switch.
using Revision = StrongId<struct RevisionTag, uint64_t>;

class DesiredFlows {
 public:
  DesiredFlows() = default;
  // A copy's keys would be those of the original.
  DesiredFlows(DesiredFlows&&) = default;
  DesiredFlows& operator=(DesiredFlows&&) = default;

  // Replaces what the owner wants; no flows: the owner is gone.
  void Set(pipeline::OwnedFlows owned);

  Revision revision() const { return revision_; }
  size_t size() const { return claims_.size(); }
  bool dirty() const { return never_taken_ ? !claims_.empty() : !dirty_.empty(); }
  std::optional<ofctl::FlowBody> Find(const ofctl::FlowKey& key) const;
  // Who has a flow; absent if nobody wants it.
  std::optional<pipeline::OwnerId> OwnerOf(const ofctl::FlowKey& key) const;

  // Of the dirty keys, what has to change in `installed`. Clears the dirty keys: they come back by
  // MarkDirty if the delta is not committed. The first time all keys are dirty.
  ofctl::FlowDelta TakeDelta(const ofctl::FlowMap& installed);
  // Of all keys.
  ofctl::FlowDelta TakeFullDelta(const ofctl::FlowMap& installed);
  void MarkDirty(const ofctl::FlowKey& key) { dirty_.insert(key); }

  ofctl::FlowMap Flows() const;

 private:
  struct Claim {
    pipeline::OwnerId owner;
    ofctl::FlowBody body;
  };

  // Of one key; never empty, sorted by owner.
  using Claims = std::vector<Claim>;
  using ClaimsByKey = std::unordered_map<ofctl::FlowKey, Claims, ofctl::FlowKeyHash>;
  // Keys in claims_: they stay where they are while somebody has a claim on them. Sorted.
  using Keys = std::vector<const ofctl::FlowKey*>;

  const ofctl::FlowKey& AddClaim(ofctl::FlowKey key, Claim claim);
  void Unclaim(const ofctl::FlowKey& key, const pipeline::OwnerId& owner);
  void Touched(const ofctl::FlowKey& key);

  ClaimsByKey claims_;
  std::unordered_map<pipeline::OwnerId, Keys, pipeline::OwnerHash> keys_of_;
  bool never_taken_ = true;  // all keys are dirty
  std::unordered_set<ofctl::FlowKey, ofctl::FlowKeyHash> dirty_;
  Revision revision_;
};

}  // namespace sluice::reconcile
