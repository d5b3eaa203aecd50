#include "agent/policy/port_masks.h"

#include <algorithm>

namespace sluice::policy {

std::vector<PortMask> ToMasks(const PortRange& range) {
  std::vector<PortMask> masks;
  const uint32_t end = uint32_t{range.last} + 1;
  for (uint32_t next = range.first; next < end;) {
    // The largest aligned block that starts here and does not pass the end.
    uint32_t size = next == 0 ? 0x10000 : next & (~next + 1);
    while (next + size > end) size >>= 1;
    masks.push_back({static_cast<uint16_t>(next), static_cast<uint16_t>(~(size - 1))});
    next += size;
  }
  return masks;
}

std::vector<PortRange> Normalize(std::vector<PortRange> ranges) {
  std::sort(ranges.begin(), ranges.end());
  std::vector<PortRange> joined;
  for (const PortRange& range : ranges) {
    if (!joined.empty() && uint32_t{joined.back().last} + 1 >= range.first) {
      joined.back().last = std::max(joined.back().last, range.last);
    } else {
      joined.push_back(range);
    }
  }
  return joined;
}

}  // namespace sluice::policy
