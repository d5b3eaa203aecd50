// From objects to classes and rules, every pod taken as one of this node's.
#pragma once

#include "tests/bench/measure.h"
#include "tests/bench/shapes.h"

namespace sluice::bench {

enum class Order { kPodsFirst, kPoliciesFirst };

// The endpoints are there before. Figures: seconds, peak and resident (MB), classes, rules; render
// (seconds) and flows for what comes after: flows of all classes, rules and addresses.
Figures Compile(const Shape& shape, Order order);

}  // namespace sluice::bench
