// MegaflowPurge: when the switch has to forget its megaflows, what it keeps for packets like those
// that it has seen.
//
// ovs-vswitchd acknowledges a bundle before it has corrected them, and its userspace datapath may
// keep one that its tables contradict (PIPELINE.md, "The megaflows of before"). So they are purged
// as soon as they may be wrong; then, however fast changes follow, no more often than what a purge
// costs allows, and one purge serves all that came meanwhile.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "ofctl/base/backoff.h"
#include "ofctl/base/result.h"

namespace sluice::reconcile {

struct PurgeCounters {
  uint64_t purges = 0;
  uint64_t failures = 0;
};

class MegaflowPurge {
 public:
  using Duration = std::chrono::microseconds;
  // Gets what the switch has needed for the purge, or why there was none.
  using Done = std::function<void(const Result<Duration>&)>;
  // Purges; `done` runs once, and never inside the call.
  using Purge = std::function<void(Done done)>;
  // Runs `work` after `delay`, on the thread that owns all state.
  using Schedule = std::function<void(uint32_t delay_ms, std::function<void()> work)>;

  // At least so long from the end of a purge to the next one.
  static constexpr std::chrono::milliseconds kBetween{1000};
  // So many times as long as the purge took. To purge megaflows and to make them again, by an
  // upcall each, took seven times as long (`sluice-bench purge`); it may be fifteen and still have
  // no more than a tenth of the switch's time.
  static constexpr int kTimesAsLong = 150;
  // However long it took: a switch that is busy with other things is slow to answer as well.
  static constexpr std::chrono::milliseconds kBetweenAtMost{30'000};

  MegaflowPurge(Purge purge, Schedule schedule)
      : purge_(std::move(purge)), schedule_(std::move(schedule)) {}

  // Megaflows that there are now may be wrong.
  void Owe();

  // Some that there are may still be wrong.
  bool owed() const { return owed_ || purging_; }
  const PurgeCounters& counters() const { return counters_; }

 private:
  void PurgeIfFree();
  void OnDone(const Result<Duration>& took);
  void Rest(std::chrono::milliseconds wait);

  Purge purge_;
  Schedule schedule_;
  bool owed_ = false;
  bool purging_ = false;
  bool resting_ = false;  // until the next one may begin
  bool failing_ = false;  // the last one failed
  Backoff backoff_{{.first = std::chrono::milliseconds(50), .max = std::chrono::seconds(5)}};
  PurgeCounters counters_;
};

}  // namespace sluice::reconcile
