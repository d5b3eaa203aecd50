// The actions of nearly all flows ⇄ OpenFlow 1.5 bytes, without libopenvswitch (plain_match.h): to
// set a register, to output to a port, to go to a table, conjunctions; nothing at all.
#pragma once

#include <optional>
#include <span>

#include "ofctl/plain_match.h"

namespace sluice::ofctl {

// Appends the instructions. kNo: the actions are not plain, and `out` is as before.
[[nodiscard]] Plain AppendPlain(const Actions& actions, Message& out);

// Of instructions that fill `bytes`. Absent: not plain.
std::optional<Actions> ReadPlainActions(std::span<const uint8_t> bytes);

}  // namespace sluice::ofctl
