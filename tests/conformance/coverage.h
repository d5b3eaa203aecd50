// What this release does not do.
#pragma once

#include <optional>
#include <string>

#include "tests/conformance/level.h"

namespace sluice::conformance {

// Why no connection of the kind is judged at all; absent: it is.
std::optional<std::string> NotCovered(const End& source, const End& destination,
                                      const Service& service);

}  // namespace sluice::conformance
