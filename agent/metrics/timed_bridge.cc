#include "agent/metrics/timed_bridge.h"

#include <chrono>
#include <utility>

namespace sluice::metrics {

void TimedBridge::Commit(ofctl::SharedDelta delta, CommitCallback done) {
  const auto sent = std::chrono::steady_clock::now();
  bridge_.Commit(std::move(delta), [&latencies = latencies_, sent, done = std::move(done)](
                                       std::optional<ofctl::CommitError> failure) {
    latencies.Committed(std::chrono::steady_clock::now() - sent);
    done(std::move(failure));
  });
}

}  // namespace sluice::metrics
