// Port ranges as value/mask pairs, the only form in which a flow can match them.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

namespace sluice::policy {

// Inclusive on both ends, as NetworkPolicyPort.endPort is.
struct PortRange {
  uint16_t first = 0;
  uint16_t last = 0;
  friend auto operator<=>(const PortRange&, const PortRange&) = default;
};

struct PortMask {
  uint16_t value = 0;
  uint16_t mask = 0xffff;
  friend auto operator<=>(const PortMask&, const PortMask&) = default;
};

// The fewest prefixes (masks of leading ones) whose union is exactly the range, in rising order; at
// most 30 for 16 bits. Masks with gaps would do with fewer (16), but overlap, and every different
// mask is one more table to probe for the switch. Requires first <= last.
std::vector<PortMask> ToMasks(const PortRange& range);

// Sorts, and joins ranges that overlap or touch: the same set of ports has one form.
std::vector<PortRange> Normalize(std::vector<PortRange> ranges);

}  // namespace sluice::policy
