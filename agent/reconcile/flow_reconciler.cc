#include "agent/reconcile/flow_reconciler.h"

#include <glog/logging.h>

#include <set>
#include <utility>

#include "agent/pipeline/sctp_flows.h"
#include "agent/pipeline/tables.h"
#include "agent/reconcile/opens_ports.h"

namespace sluice::reconcile {
namespace {

// After a failure that named no flow. Long enough not to hammer a switch that says no.
constexpr uint32_t kRetryMs = 1000;
// What a switch refused it may accept later (a full table, a port that was not there yet).
constexpr uint32_t kPardonMs = 30'000;

std::string Describe(const ofctl::FlowKey& key) {
  return ofctl::ToString(key, [](uint8_t table) { return pipeline::NameOf(table); });
}

// What the switch adds and ends by itself: not a fact to reckon with, and no drift.
bool IsSwitchsOwn(const DesiredState& desired, const ofctl::FlowKey& key,
                  const ofctl::FlowBody& body) {
  return desired.node().sctp == pipeline::SctpPorts::kFromHeader && pipeline::IsLearned(key, body);
}

}  // namespace

FlowReconciler::FlowReconciler(ofctl::Bridge& bridge, DesiredState& desired, Schedule schedule)
    : bridge_(bridge), desired_(desired), schedule_(std::move(schedule)) {}

void FlowReconciler::Enter(SyncEvent event) {
  const SyncState before = state_;
  state_ = Next(state_, event, sources_);
  if (state_ == before) return;
  LOG(INFO) << "switch: " << ToString(before) << " -> " << ToString(state_);
  if (state_ != SyncState::kInSync) return;
  due_ = Scope::kAll;
  CommitIfFree();
}

void FlowReconciler::OnSourcesSynced() {
  sources_ = Sources::kSynced;
  Enter(SyncEvent::kSourcesSynced);
}

void FlowReconciler::OnConnected() {
  ++connection_;
  in_flight_ = false;
  desired_.Pardon();  // perhaps another switch, certainly another try
  Enter(SyncEvent::kConnected);
  Dump();
}

void FlowReconciler::OnDisconnected(const Error& why) {
  ++connection_;
  in_flight_ = false;
  installed_.clear();  // now, and not when the switch waits for flows
  last_error_ = why.message();
  Enter(SyncEvent::kDisconnected);
}

void FlowReconciler::Dump() {
  foreign_in_flight_.clear();
  bridge_.Dump([this, connection = connection_](Result<ofctl::FlowMap> dumped) {
    if (connection != connection_) return;
    if (!dumped.ok()) {
      const std::string before = std::exchange(last_error_, dumped.error().message());
      if (last_error_ != before) LOG(WARNING) << "reading the flows back: " << last_error_;
      RetryLater();
      return;
    }
    installed_ = std::move(dumped).value();
    megaflows_stale_ = true;
    // What changed while the dump was on its way may or may not be in it: the event is newer.
    for (const ofctl::ForeignChange& change : std::exchange(foreign_in_flight_, {})) {
      if (change.body) {
        installed_.insert_or_assign(change.key, *change.body);
      } else {
        installed_.erase(change.key);
      }
    }
    boost::unordered::erase_if(installed_, [this](const auto& flow) {
      return IsSwitchsOwn(desired_, flow.first, flow.second);
    });
    if (state_ == SyncState::kDumping) Enter(SyncEvent::kFlowsDumped);
  });
}

void FlowReconciler::RetryLater() {
  schedule_(kRetryMs, [this, connection = connection_] {
    if (connection == connection_ && state_ == SyncState::kDumping && !in_flight_) Dump();
  });
}

void FlowReconciler::PardonLater() {
  if (pardon_due_) return;
  pardon_due_ = true;
  schedule_(kPardonMs, [this] {
    pardon_due_ = false;
    desired_.Pardon();
    Poke();
  });
}

void FlowReconciler::Poke() {
  if (poked_) return;
  poked_ = true;
  schedule_(0, [this] {
    poked_ = false;
    CommitIfFree();
  });
}

void FlowReconciler::CommitIfFree() {
  if (state_ != SyncState::kInSync || in_flight_ || desired_.replacing()) return;
  Commit(std::exchange(due_, Scope::kDirty));
}

void FlowReconciler::Commit(Scope scope) {
  const Revision revision = desired_.flows().revision();
  ofctl::FlowDelta delta = scope == Scope::kAll ? desired_.flows().TakeFullDelta(installed_)
                                                : desired_.flows().TakeDelta(installed_);
  if (delta.empty()) {
    installed_revision_ = revision;
    TellStale();
    waiter_.OnInstalled(revision);
    return;
  }
  in_flight_ = true;
  // Two references to one delta: what is sent, and what becomes a fact when it is acknowledged.
  const auto sent = std::make_shared<ofctl::FlowDelta>(std::move(delta));
  bridge_.Commit(sent, [this, sent, revision,
                        connection = connection_](std::optional<ofctl::CommitError> failure) {
    if (connection != connection_) return;
    in_flight_ = false;
    if (failure) {
      OnCommitFailed(*failure);
    } else {
      OnCommitted(std::move(*sent), revision);
    }
  });
}

void FlowReconciler::OnCommitted(ofctl::FlowDelta delta, Revision revision) {
  ++counters_.commits;
  counters_.flow_mods += delta.size();
  VLOG(1) << "committed " << delta.size() << " flow-mods, revision " << revision.value;
  if (!OnlyOpensPorts(delta, installed_)) megaflows_stale_ = true;
  ofctl::Apply(std::move(delta), installed_);
  installed_revision_ = revision;
  TellStale();
  for (const ofctl::ForeignChange& change : std::exchange(foreign_in_flight_, {})) {
    OnForeignChange(change);
  }
  waiter_.OnInstalled(revision);
  if (desired_.flows().dirty()) Poke();
}

void FlowReconciler::TellStale() {
  if (std::exchange(megaflows_stale_, false)) stale_();
}

void FlowReconciler::OnCommitFailed(const ofctl::CommitError& failure) {
  ++counters_.commit_failures;
  last_error_ = failure.error.message();
  LOG(ERROR) << "bundle not committed: " << last_error_;
  // First all names: with its owner out of the way, a key may fall to somebody who did no wrong.
  std::set<pipeline::OwnerId> owners;
  for (const ofctl::FlowKey& key : failure.refused) {
    LOG(ERROR) << "the switch refused: " << Describe(key);
    if (const auto owner = desired_.flows().OwnerOf(key)) owners.insert(*owner);
  }
  for (const pipeline::OwnerId& owner : owners) desired_.Quarantine(owner);
  for (const pipeline::OwnerId& owner : owners) quarantined_(owner);
  counters_.quarantines += owners.size();
  if (!owners.empty()) PardonLater();
  Enter(SyncEvent::kCommitFailed);
  if (state_ != SyncState::kDumping) return;
  // With somebody out of the way the next bundle is another one; else it would be the same.
  if (owners.empty()) {
    RetryLater();
  } else {
    Dump();
  }
}

void FlowReconciler::OnForeignChange(const ofctl::ForeignChange& change) {
  if (state_ == SyncState::kDumping || in_flight_) {
    foreign_in_flight_.push_back(change);
    return;
  }
  const bool switchs_own = change.body && IsSwitchsOwn(desired_, change.key, *change.body);
  if (change.body && !switchs_own) {
    installed_.insert_or_assign(change.key, *change.body);
  } else {
    installed_.erase(change.key);
  }
  if (state_ != SyncState::kInSync || switchs_own) return;
  const auto wanted = desired_.flows().Find(change.key);
  const bool differs = wanted != change.body;
  if (!differs) return;
  ++counters_.foreign_changes;
  megaflows_stale_ = true;
  LOG(WARNING) << "somebody else " << (change.body ? "wrote" : "deleted") << " a flow, putting it "
               << "back: " << Describe(change.key);
  desired_.flows().MarkDirty(change.key);
  Poke();
}

WaiterId FlowReconciler::AwaitInstalled(std::function<void()> installed) {
  const WaiterId id = waiter_.Await(desired_.flows().revision(), std::move(installed));
  Poke();
  return id;
}

bool FlowReconciler::idle() const {
  return state_ == SyncState::kInSync && due_ == Scope::kDirty && !in_flight_ &&
         !desired_.replacing() && !desired_.flows().dirty();
}

}  // namespace sluice::reconcile
