// ObjectIntake: takes what the sources tell into the desired state in slices, so that a long list
// keeps nobody waiting. Pure: the caller decides when the next slice comes.
//
// The first batch is applied slice by slice: nothing is written to the switch before it is whole.
// A later one is never in force in part: its slices are only compared with what is known, because
// nearly all of a list that is read again is, and then what differs is applied at once.
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
  // Objects that are looked at in one Step: a few milliseconds.
  static constexpr size_t kSlice = 256;

  explicit ObjectIntake(DesiredState& desired) : desired_(desired) {}

  void Add(std::vector<store::StoreEvent> batch) { batches_.push_back(std::move(batch)); }
  bool idle() const { return batches_.empty(); }

  // Does one slice of what was added; true if that ended a batch, which is in force now. CHECKs
  // that it is not idle.
  bool Step();

 private:
  enum class Mode : uint8_t { kFirst, kLater };

  bool Differs(const store::StoreEvent& event);

  DesiredState& desired_;
  Mode mode_ = Mode::kFirst;
  std::deque<std::vector<store::StoreEvent>> batches_;
  size_t done_ = 0;                                                    // of the front batch
  std::vector<store::StoreEvent> differs_;                             // of what is done
  std::set<std::pair<store::ObjectKind, store::ObjectKey>> changing_;  // by differs_
};

}  // namespace sluice::reconcile
