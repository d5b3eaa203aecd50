// TimedBridge: a bridge whose commits are timed.
#pragma once

#include <functional>

#include "agent/metrics/latencies.h"
#include "ofctl/bridge.h"

namespace sluice::metrics {

class TimedBridge : public ofctl::Bridge {
 public:
  // Borrowed; both outlive the last callback.
  TimedBridge(ofctl::Bridge& bridge, Latencies& latencies)
      : bridge_(bridge), latencies_(latencies) {}

  void Dump(DumpCallback done) override { bridge_.Dump(std::move(done)); }
  void Commit(ofctl::SharedDelta delta, CommitCallback done) override;

 private:
  ofctl::Bridge& bridge_;
  Latencies& latencies_;
};

}  // namespace sluice::metrics
