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
  // Replaces what the owner wants; no flows: the owner is gone.
  void Set(const pipeline::OwnedFlows& owned);

  Revision revision() const { return revision_; }
  size_t size() const { return claims_.size(); }
  bool dirty() const { return !dirty_.empty(); }
  std::optional<ofctl::FlowBody> Find(const ofctl::FlowKey& key) const;
  // Who has a flow; absent if nobody wants it.
  std::optional<pipeline::OwnerId> OwnerOf(const ofctl::FlowKey& key) const;

  // Of the dirty keys, what has to change in `installed`. Clears the dirty keys: they come back by
  // MarkDirty if the delta is not committed.
  ofctl::FlowDelta TakeDelta(const ofctl::FlowMap& installed);
  // Of all keys.
  ofctl::FlowDelta FullDelta(const ofctl::FlowMap& installed) const;
  void MarkDirty(const ofctl::FlowKey& key) { dirty_.insert(key); }

  ofctl::FlowMap Flows() const;

 private:
  struct Claim {
    pipeline::OwnerId owner;
    ofctl::FlowBody body;
  };

  void Claims(const ofctl::FlowKey& key, Claim claim);
  void Unclaim(const ofctl::FlowKey& key, const pipeline::OwnerId& owner);
  void Touched(const ofctl::FlowKey& key);

  std::unordered_map<ofctl::FlowKey, std::vector<Claim>, ofctl::FlowKeyHash> claims_;  // sorted
  std::unordered_map<pipeline::OwnerId, std::vector<ofctl::FlowKey>, pipeline::OwnerHash> keys_of_;
  std::unordered_set<ofctl::FlowKey, ofctl::FlowKeyHash> dirty_;
  Revision revision_;
};

}  // namespace sluice::reconcile
