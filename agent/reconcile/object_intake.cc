#include "agent/reconcile/object_intake.h"

#include <glog/logging.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace sluice::reconcile {
namespace {

// What is left of objects that were taken: a tenth of a millisecond.
constexpr ptrdiff_t kFreedAtOnce = 1024;

void FreeSomeOf(std::vector<store::StoreEvent>& events) {
  events.erase(events.end() - std::min(kFreedAtOnce, std::ssize(events)), events.end());
}

}  // namespace

bool ObjectIntake::Step() {
  CHECK(!idle());
  if (phase_ == Phase::kFreeing) {
    FreeSome();
    return false;
  }
  if (phase_ == Phase::kLooking) LookAtSlice();
  if (mode_ == Mode::kFirst || phase_ == Phase::kApplying) ApplySlice();
  if (phase_ == Phase::kLooking || applied_ < differs_.size()) return false;
  desired_.EndReplacing();
  mode_ = Mode::kLater;
  phase_ = Phase::kFreeing;
  if (std::ssize(batches_.front()) <= kFreedAtOnce) FreeSome();
  return true;
}

void ObjectIntake::LookAtSlice() {
  std::vector<store::StoreEvent>& batch = batches_.front();
  const size_t end = std::min(looked_at_ + kSlice, batch.size());
  for (; looked_at_ < end; ++looked_at_) {
    // Moved out even if it is known: the object is freed now rather than with all the others.
    store::StoreEvent event = std::move(batch[looked_at_]);
    if (mode_ == Mode::kFirst || Differs(event)) differs_.push_back(std::move(event));
  }
  if (looked_at_ == batch.size()) phase_ = Phase::kApplying;
}

bool ObjectIntake::Differs(const store::StoreEvent& event) {
  const std::pair object(event.kind, event.key);
  // What is known of an object that is about to change is no longer what it is compared with.
  if (desired_.store().Knows(event) && !changing_.contains(object)) return false;
  changing_.insert(object);
  return true;
}

void ObjectIntake::ApplySlice() {
  const size_t end = std::min(applied_ + kSlice, differs_.size());
  std::vector<store::StoreEvent> slice(
      std::make_move_iterator(differs_.begin() + static_cast<ptrdiff_t>(applied_)),
      std::make_move_iterator(differs_.begin() + static_cast<ptrdiff_t>(end)));
  if (mode_ == Mode::kLater && end < differs_.size()) desired_.BeginReplacing();
  desired_.Apply(slice);
  applied_ = end;
  if (mode_ == Mode::kFirst) {
    differs_.clear();
    applied_ = 0;
  }
}

void ObjectIntake::FreeSome() {
  FreeSomeOf(batches_.front());
  FreeSomeOf(differs_);
  for (ptrdiff_t n = 0; n < kFreedAtOnce && !changing_.empty(); ++n)
    changing_.erase(changing_.begin());
  if (!batches_.front().empty() || !differs_.empty() || !changing_.empty()) return;
  batches_.pop_front();
  differs_ = {};
  looked_at_ = 0;
  applied_ = 0;
  phase_ = Phase::kLooking;
}

}  // namespace sluice::reconcile
