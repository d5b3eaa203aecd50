// Backoff: how long to wait before the next try. No timer inside: the caller sleeps.
#pragma once

#include <algorithm>
#include <chrono>

namespace sluice {

class Backoff {
 public:
  using Duration = std::chrono::milliseconds;
  struct Spec {
    Duration first;
    Duration max;
  };
  explicit Backoff(const Spec& spec) : spec_(spec), next_(spec.first) {}

  // The wait before the next try; doubles from failure to failure.
  Duration Failed() {
    const Duration wait = next_;
    next_ = std::min(next_ * 2, spec_.max);
    return wait;
  }
  void Succeeded() { next_ = spec_.first; }
  // What Failed() would say.
  Duration next() const { return next_; }

 private:
  Spec spec_;
  Duration next_;
};

}  // namespace sluice
