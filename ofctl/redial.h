// Redial: how long to wait before a connection is tried again. Pure: the caller tells the time.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "ofctl/base/backoff.h"

namespace sluice::ofctl {

class Redial {
 public:
  using Duration = std::chrono::milliseconds;
  using TimePoint = std::chrono::steady_clock::time_point;
  struct Spec {
    // After a connection that came about, and failed.
    Backoff::Spec failed = {std::chrono::milliseconds(100), std::chrono::seconds(5)};
    // While nobody listens. A try costs microseconds, and a switch that comes back has no flows.
    Duration absent_min = std::chrono::milliseconds(20);
    Duration absent_max = std::chrono::seconds(1);
  };
  explicit Redial(const Spec& spec) : spec_(spec), backoff_(spec.failed) {}

  // Nobody listened. The wait is a sixteenth of the time for which that is so already: a switch
  // that was away for long is not looked for in a hurry, and found late by no more than that.
  Duration Absent(TimePoint now) {
    if (!absent_since_) absent_since_ = now;
    const auto so_far = std::chrono::duration_cast<Duration>(now - *absent_since_);
    return std::clamp(so_far / 16, spec_.absent_min, spec_.absent_max);
  }

  // Somebody listened: what happens next is no absence.
  void Connected() { absent_since_.reset(); }

  // A connection came about that was up for `lasted` (zero: never). A switch that comes up only to
  // fail within less than the wait that would follow is waited for longer each time.
  Duration Failed(Duration lasted) {
    if (lasted > backoff_.next()) backoff_.Succeeded();
    return backoff_.Failed();
  }

 private:
  Spec spec_;
  Backoff backoff_;
  std::optional<TimePoint> absent_since_;
};

}  // namespace sluice::ofctl
