// What this release does not do, and how to tell a verdict that is too closed for that reason alone
// from a wrong one.
#pragma once

#include <optional>
#include <string>

#include "tests/conformance/level.h"

namespace sluice::conformance {

// Why no connection of the kind is judged at all; absent: it is.
std::optional<std::string> NotCovered(const End& source, const End& destination,
                                      const Service& service);

// Why a connection that should be allowed is denied, if the reason is a part of a policy that the
// engine refused: then what the part would have allowed stays closed. Every direction that denies
// must be excused by a refusal of a policy that selects that direction's subject.
std::optional<std::string> WhyTooClosed(const Stage& stage, const std::vector<End>& ends,
                                        const Table& table, const Cell& cell);

}  // namespace sluice::conformance
