#pragma once

#include "tests/bench/measure.h"

namespace sluice::bench {

struct ChurnSpec {
  size_t per_second = 0;
  size_t seconds = 0;
};

// Pods come and go around a node of a cluster of 10,000, at a steady rate: "p50", "p99" and "last"
// ms until the switch has an event, "cpu" in per cent of a core, "growth" of memory in MB after the
// first sixth, "flow-mods".
Figures Churn(const ChurnSpec& spec);

}  // namespace sluice::bench
