#include "agent/metrics/latencies.h"

namespace sluice::metrics {
namespace {

// A bundle of one flow takes half a millisecond, the first one of a large node seconds.
const prometheus::Histogram::BucketBoundaries kCommitBuckets = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
// An ADD takes milliseconds, one that waits for its pod object up to its deadline of 30 s.
const prometheus::Histogram::BucketBoundaries kCniBuckets = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                             0.5,   1,    2.5,   5,    10,  30};

}  // namespace

Latencies::Latencies()
    : commit_(prometheus::BuildHistogram()
                  .Name("sluice_commit_duration_seconds")
                  .Help("Time from sending a bundle of flows to the switch's reply.")
                  .Register(registry_)
                  .Add({}, kCommitBuckets)),
      cni_(prometheus::BuildHistogram()
               .Name("sluice_cni_request_duration_seconds")
               .Help("Time from a CNI request to its answer, by verb and result.")
               .Register(registry_)) {
  // There from the beginning, so that a rate over the first requests is right.
  for (const char* const verb : {"ADD", "DEL", "CHECK"}) {
    cni_.Add({{"verb", verb}, {"result", "ok"}}, kCniBuckets);
  }
}

void Latencies::Answered(const CniAnswer& answer) {
  cni_.Add({{"verb", answer.verb}, {"result", answer.result}}, kCniBuckets)
      .Observe(answer.took.count());
}

}  // namespace sluice::metrics
