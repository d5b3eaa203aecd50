// ObjectIntake: takes what the sources tell into the desired state in slices, so that a long list
// keeps nobody waiting. Pure: the caller decides when the next slice comes.
//
// The first batch is applied as it is looked at: nothing is written to the switch before it is
// whole. A later one is first compared with what is known, because nearly all of a list that is
// read again is. Then what differs is applied: at once if it is a slice, and else in slices between
// BeginReplacing and EndReplacing, because a list is in force as a whole or not at all.
#pragma once

#include <deque>
#include <set>
#include <utility>
#include <vector>

#include "agent/reconcile/desired_state.h"
#include "agent/store/objects.h"

namespace sluice::reconcile {

class ObjectIntake {
 public:
  // Objects that are looked at, or applied, in one Step: a millisecond at the most.
  static constexpr size_t kSlice = 64;

  explicit ObjectIntake(DesiredState& desired) : desired_(desired) {}

  void Add(std::vector<store::StoreEvent> batch) { batches_.push_back(std::move(batch)); }
  bool idle() const { return batches_.empty(); }

  // Does one slice of what was added; true if that ended a batch, which is in force now. CHECKs
  // that it is not idle.
  bool Step();

 private:
  enum class Mode : uint8_t { kFirst, kLater };
  // Of the front batch. The first batch is applied while it is looked at.
  enum class Phase : uint8_t { kLooking, kApplying, kFreeing };

  void LookAtSlice();
  bool Differs(const store::StoreEvent& event);
  void ApplySlice();
  void FreeSome();

  DesiredState& desired_;
  Mode mode_ = Mode::kFirst;
  Phase phase_ = Phase::kLooking;
  std::deque<std::vector<store::StoreEvent>> batches_;
  // Of the front batch:
  size_t looked_at_ = 0;
  std::vector<store::StoreEvent> differs_;                             // of what was looked at
  size_t applied_ = 0;                                                 // of differs_
  std::set<std::pair<store::ObjectKind, store::ObjectKey>> changing_;  // by differs_
};

}  // namespace sluice::reconcile
