// Campaign: case after case, each a history from one seed, until time is up or something fails.
#pragma once

#include <functional>
#include <optional>

#include "tests/fuzz/examiner.h"
#include "tests/fuzz/generator.h"
#include "tests/fuzz/report.h"

namespace sluice::fuzz {

// How often a case is looked at. Each level at its own pace: the switch is slow, the engine fast.
struct Pace {
  size_t every = 1;        // events from one look to the next
  size_t connections = 0;  // asked about at each look
};

class Campaign {
 public:
  struct Spec {
    Features features;
    size_t events = 60;       // a case
    size_t undisturbed = 12;  // first events that are not looked at: little is there yet
    std::vector<Pace> paces;  // by level
    // Compare the flows with those from scratch, every so many events; 0: never.
    size_t scratch_every = 0;
    Tamper tamper;
  };
  Campaign(Spec spec, Examiner& examiner) : spec_(std::move(spec)), examiner_(examiner) {}

  // One case. The failure is shrunk. An error only if a level could not be asked.
  Result<std::optional<Failure>> Run(uint64_t seed);

  uint64_t cases() const { return cases_; }
  uint64_t events() const { return events_; }
  uint64_t scratch_checks() const { return scratch_checks_; }

 private:
  Result<std::optional<Disagreement>> Look(size_t event, Replay& replay, const History& history,
                                           const oracle::Cluster& cluster, Generator& generator);
  Result<Failure> Shrunk(uint64_t seed, const History& history, const Disagreement& about);

  Spec spec_;
  Examiner& examiner_;  // borrowed
  uint64_t cases_ = 0;
  uint64_t events_ = 0;
  uint64_t scratch_checks_ = 0;
};

}  // namespace sluice::fuzz
