// Shrinker: the least of a history that still fails. Pure: what "fails" means is the caller's.
#pragma once

#include <functional>

#include "tests/fuzz/history.h"

namespace sluice::fuzz {

using Fails = std::function<bool(const History&)>;

// Drops events, then whatever may be missing inside of what is left (rules, peers, ports, labels,
// addresses ...), as long as it still fails. `history` must fail.
History Shrink(History history, const Fails& fails);

}  // namespace sluice::fuzz
