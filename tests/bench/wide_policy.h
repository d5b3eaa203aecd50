// One policy over very many peers.
#pragma once

#include "tests/bench/measure.h"

namespace sluice::bench {

// Whether another policy has told the clients apart before.
enum class Clients { kToldApart, kUnknown };

// Figures: seconds and flow-mods of the policy's arrival.
Figures WidePolicy(size_t clients, Clients known);

}  // namespace sluice::bench
