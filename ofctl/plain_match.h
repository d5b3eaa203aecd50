// The matches of nearly all flows ⇄ OpenFlow 1.5 bytes, without libopenvswitch, whose way through
// struct match takes ten times as long.
//
// A match is plain if its fields are in a table, each with what it presupposes beside it and with a
// value and a mask that libopenvswitch sends as they are. Then the bytes here are those that
// libopenvswitch writes, and are read as it reads them: a test holds the two together. All else is
// left to libopenvswitch, so that it alone says what cannot be sent, and why.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "ofctl/codec.h"

namespace sluice::ofctl {

// Appends the struct ofp_match, padded. Absent: the match is not plain, and `out` is as before.
enum class Plain : uint8_t { kNo, kYes };
[[nodiscard]] Plain AppendPlain(const Match& match, Message& out);

// A match read, and how many bytes it takes, padding included.
struct PlainMatch {
  Match match;
  size_t size = 0;
};
// Of the struct ofp_match at the start of `bytes`. Absent: not plain.
std::optional<PlainMatch> ReadPlainMatch(std::span<const uint8_t> bytes);

}  // namespace sluice::ofctl
