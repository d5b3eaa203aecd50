// DesiredFlows: what the bridge should contain, and which keys may differ from what was last
// committed. Pure bookkeeping: FlowReconciler does the sending.
//
// Two owners may claim one key (two endpoints with one address, for a moment). The owner that sorts
// first has it; the other's claim waits. Arrival decides nothing.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "agent/pipeline/owner.h"
#include "agent/store/owned_set.h"
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
  size_t size() const { return claimed_.size(); }
  bool dirty() const { return never_taken_ ? !claimed_.empty() : !dirty_.empty(); }
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

  // A key that somebody has a claim on.
  struct Claimed {
    ofctl::FlowKey key;
    boost::container::small_vector<Claim, 1> claims;  // never empty, sorted by owner
  };
  struct ByKey {
    static const ofctl::FlowKey& KeyOf(const Claimed& claimed) { return claimed.key; }
    static uint64_t HashOf(const ofctl::FlowKey& key) { return ofctl::FlowKeyHash()(key); }
  };
  using AllClaimed = std::vector<Claimed*>;  // sorted

  Claimed& AddClaim(ofctl::FlowKey key, Claim claim);
  void Unclaim(Claimed& claimed, const pipeline::OwnerId& owner);
  void Touched(const ofctl::FlowKey& key);

  store::OwnedSet<std::unique_ptr<Claimed>, ByKey> claimed_;
  std::unordered_map<pipeline::OwnerId, AllClaimed, pipeline::OwnerHash> claimed_by_;
  bool never_taken_ = true;  // all keys are dirty
  std::unordered_set<ofctl::FlowKey, ofctl::FlowKeyHash> dirty_;
  Revision revision_;
};

}  // namespace sluice::reconcile
