#pragma once

#include "tests/bench/measure.h"
#include "tests/bench/shapes.h"

namespace sluice::bench {

// An agent that knows `view` fills a switch, and is followed by another one that learns the same:
// "flows", "flow-mods" of the second, seconds of its start ("time", "connect"), and of a "raw
// dump".
Figures RestartAgent(const NodeView& view);

}  // namespace sluice::bench
