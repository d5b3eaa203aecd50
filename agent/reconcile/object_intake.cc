#include "agent/reconcile/object_intake.h"

#include <glog/logging.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace sluice::reconcile {

bool ObjectIntake::Differs(const store::StoreEvent& event) {
  const std::pair object(event.kind, event.key);
  // What is known of an object that is about to change is no longer what it is compared with.
  if (desired_.store().Knows(event) && !changing_.contains(object)) return false;
  changing_.insert(object);
  return true;
}

bool ObjectIntake::Step() {
  CHECK(!idle());
  std::vector<store::StoreEvent>& batch = batches_.front();
  const size_t end = std::min(done_ + kSlice, batch.size());
  for (; done_ < end; ++done_) {
    // Moved out even if it is known: the object is freed now rather than with all the others.
    store::StoreEvent event = std::move(batch[done_]);
    if (mode_ == Mode::kFirst || Differs(event)) differs_.push_back(std::move(event));
  }
  const bool whole = done_ == batch.size();
  if (whole || mode_ == Mode::kFirst) desired_.Apply(std::exchange(differs_, {}));
  if (!whole) return false;
  batches_.pop_front();
  done_ = 0;
  changing_.clear();
  mode_ = Mode::kLater;
  return true;
}

}  // namespace sluice::reconcile
