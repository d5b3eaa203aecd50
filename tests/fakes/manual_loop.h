// ManualLoop: an event loop whose clock stands still until the test moves it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

namespace sluice::fakes {

class ManualLoop {
 public:
  void Post(uint32_t delay_ms, std::function<void()> work) {
    queue_.emplace(std::pair(now_ms_ + delay_ms, ++posted_), std::move(work));
  }

  // Runs everything that is due, also what that work posts for now.
  void RunDue() {
    while (!queue_.empty() && queue_.begin()->first.first <= now_ms_) {
      const auto work = std::move(queue_.begin()->second);
      queue_.erase(queue_.begin());
      work();
    }
  }
  // Moves the clock, running what comes due on the way.
  void Advance(uint32_t ms) {
    const uint64_t end = now_ms_ + ms;
    RunDue();
    while (!queue_.empty() && queue_.begin()->first.first <= end) {
      now_ms_ = queue_.begin()->first.first;
      RunDue();
    }
    now_ms_ = end;
  }

 private:
  uint64_t now_ms_ = 0;
  uint64_t posted_ = 0;
  std::map<std::pair<uint64_t, uint64_t>, std::function<void()>> queue_;  // by time, then arrival
};

}  // namespace sluice::fakes
