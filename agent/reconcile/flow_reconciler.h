// FlowReconciler: makes the switch hold what DesiredState wants, and knows when it does.
//
// At most one bundle is in flight. Only its commit reply changes `installed`; after any failure the
// installed flows are unknown until they have been dumped again. A flow that somebody else changed
// is put back. An owner whose flows the switch refuses is quarantined, so that the others go
// through; it gets another chance now and then, and with every new connection.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "agent/reconcile/desired_state.h"
#include "agent/reconcile/revision_waiter.h"
#include "agent/reconcile/sync_state.h"
#include "ofctl/bridge.h"

namespace sluice::reconcile {

struct ReconcilerCounters {
  uint64_t commits = 0;
  uint64_t flow_mods = 0;  // acknowledged
  uint64_t commit_failures = 0;
  uint64_t foreign_changes = 0;  // reverted
  uint64_t quarantines = 0;
};

class FlowReconciler : public ofctl::Bridge::Listener {
 public:
  // Runs `work` after `delay`, on the thread that owns all state; 0 means soon.
  using Schedule = std::function<void(uint32_t delay_ms, std::function<void()> work)>;

  // All borrowed; must outlive the reconciler's last callback.
  FlowReconciler(ofctl::Bridge& bridge, DesiredState& desired, Schedule schedule);

  // `quarantined` hears of every owner whose flows the switch refuses.
  void WhenQuarantined(std::function<void(const pipeline::OwnerId&)> quarantined) {
    quarantined_ = std::move(quarantined);
  }

  // `stale` hears, right after the switch's reply, of every change after which megaflows of before
  // may say what the flows do not: of all but those that only open ports, of what somebody else has
  // changed, and of flows that had been unknown, though they turn out to be as they should.
  void WhenMegaflowsMayBeStale(std::function<void()> stale) { stale_ = std::move(stale); }

  // All sources have delivered their first full picture.
  void OnSourcesSynced();
  // The desired flows may have changed, or have been replaced. Cheap; changes of one turn of the
  // loop go out together.
  void Poke();

  // Runs `installed` once everything desired now is in the switch.
  WaiterId AwaitInstalled(std::function<void()> installed);
  bool Cancel(WaiterId id) { return waiter_.Cancel(id); }

  SyncState state() const { return state_; }
  bool idle() const;  // in sync, and nothing left to send
  const ReconcilerCounters& counters() const { return counters_; }
  // Flows that the switch holds, as far as it said; 0 while that is not known.
  size_t installed_count() const {
    return state_ == SyncState::kInSync || state_ == SyncState::kWaitingForSources
               ? installed_.size()
               : 0;
  }
  const std::string& last_error() const { return last_error_; }

  // ofctl::Bridge::Listener
  void OnConnected() override;
  void OnDisconnected(const Error& why) override;
  void OnForeignChange(const ofctl::ForeignChange& change) override;

 private:
  enum class Scope : uint8_t { kDirty, kAll };

  void Enter(SyncEvent event);
  void Dump();
  void CommitIfFree();
  void Commit(Scope scope);
  void OnCommitted(ofctl::FlowDelta delta, Revision revision);
  void OnCommitFailed(const ofctl::CommitError& failure);
  void TellStale();
  void RetryLater();
  void PardonLater();

  ofctl::Bridge& bridge_;
  DesiredState& desired_;
  Schedule schedule_;
  std::function<void(const pipeline::OwnerId&)> quarantined_ = [](const pipeline::OwnerId&) {};
  std::function<void()> stale_ = [] {};
  RevisionWaiter waiter_;

  SyncState state_ = SyncState::kDisconnected;
  Sources sources_ = Sources::kPending;
  ofctl::FlowMap installed_;  // a fact only in kWaitingForSources and kInSync
  Revision installed_revision_;
  Scope due_ = Scope::kDirty;  // of the next commit
  bool in_flight_ = false;
  bool poked_ = false;
  bool pardon_due_ = false;
  bool megaflows_stale_ = false;  // perhaps, and `stale_` has not been told yet
  uint64_t connection_ = 0;       // counts connections: answers of an earlier one are not looked at
  // Foreign changes that came while a bundle was in flight.
  std::vector<ofctl::ForeignChange> foreign_in_flight_;
  ReconcilerCounters counters_;
  std::string last_error_;
};

}  // namespace sluice::reconcile
