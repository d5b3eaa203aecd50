// Latencies: how long things took, counted where they end.
#pragma once

#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include <chrono>
#include <string>
#include <vector>

namespace sluice::metrics {

using Seconds = std::chrono::duration<double>;

struct CniAnswer {
  std::string verb;    // "ADD"
  std::string result;  // "ok", or the error's code in the plugin's protocol: "timeout"
  Seconds took{0};     // from the request to the answer
};

class Latencies {
 public:
  Latencies();

  // From the bundle's first byte to its reply, whatever that was.
  void Committed(Seconds took) { commit_.Observe(took.count()); }
  void Answered(const CniAnswer& answer);

  std::vector<prometheus::MetricFamily> Collect() const { return registry_.Collect(); }

 private:
  prometheus::Registry registry_;
  prometheus::Histogram& commit_;
  prometheus::Family<prometheus::Histogram>& cni_;
};

}  // namespace sluice::metrics
