#include "agent/policy/port_masks.h"

#include <gtest/gtest.h>

#include <bitset>
#include <map>
#include <random>

namespace sluice::policy {
namespace {

using Ports = std::bitset<65536>;

Ports UnionOf(const std::vector<PortMask>& masks) {
  Ports ports;
  for (const PortMask& mask : masks) {
    for (uint32_t port = 0; port <= 0xffff; ++port) {
      if ((port & mask.mask) == mask.value) ports.set(port);
    }
  }
  return ports;
}

Ports RangeOf(const PortRange& range) {
  Ports ports;
  for (uint32_t port = range.first; port <= range.last; ++port) ports.set(port);
  return ports;
}

TEST(PortMasksTest, OnePortIsOneFullMask) {
  EXPECT_EQ(ToMasks({80, 80}), (std::vector<PortMask>{{80, 0xffff}}));
  EXPECT_EQ(ToMasks({0, 0}), (std::vector<PortMask>{{0, 0xffff}}));
  EXPECT_EQ(ToMasks({65535, 65535}), (std::vector<PortMask>{{65535, 0xffff}}));
}

TEST(PortMasksTest, AllPortsAreOneEmptyMask) {
  EXPECT_EQ(ToMasks({0, 65535}), (std::vector<PortMask>{{0, 0}}));
}

TEST(PortMasksTest, TheWorstRangeNeedsThirty) { EXPECT_EQ(ToMasks({1, 65534}).size(), 30u); }

TEST(PortMasksTest, TheUnionIsExactlyTheRange) {
  std::vector<PortRange> ranges = {{1, 65534},   {0, 1},     {1, 65535},    {32767, 32768},
                                   {8000, 8080}, {0, 65534}, {65534, 65535}};
  std::mt19937 random(1);
  while (ranges.size() < 150) {
    const auto a = static_cast<uint16_t>(random());
    const auto b = static_cast<uint16_t>(random());
    ranges.push_back({std::min(a, b), std::max(a, b)});
  }
  for (const PortRange& range : ranges) {
    const std::vector<PortMask> masks = ToMasks(range);
    EXPECT_LE(masks.size(), 30u);
    EXPECT_EQ(UnionOf(masks), RangeOf(range)) << range.first << "-" << range.last;
    for (const PortMask& mask : masks) EXPECT_EQ(mask.value & ~mask.mask, 0);
  }
}

// The fewest prefixes, by brute force over all sets of prefixes of a narrow field: breadth first
// from the empty set of ports, one prefix a step.
std::map<uint32_t, size_t> FewestPrefixes(uint32_t bits) {
  const uint32_t ports = 1u << bits;
  std::vector<uint32_t> masks;  // as the sets of ports that they match
  for (uint32_t length = 0; length <= bits; ++length) {
    const uint32_t mask = (ports - 1) & ~((1u << (bits - length)) - 1);
    for (uint32_t value = 0; value < ports; ++value) {
      if ((value & ~mask) != 0) continue;
      uint32_t matched = 0;
      for (uint32_t port = 0; port < ports; ++port) {
        if ((port & mask) == value) matched |= 1u << port;
      }
      masks.push_back(matched);
    }
  }
  std::map<uint32_t, size_t> fewest = {{0, 0}};
  std::vector<uint32_t> frontier = {0};
  for (size_t steps = 1; !frontier.empty(); ++steps) {
    std::vector<uint32_t> next;
    for (const uint32_t set : frontier) {
      for (const uint32_t matched : masks) {
        if (fewest.emplace(set | matched, steps).second) next.push_back(set | matched);
      }
    }
    frontier = std::move(next);
  }
  return fewest;
}

TEST(PortMasksTest, NoSmallerSetOfPrefixesExists) {
  constexpr uint32_t kBits = 4;
  const auto fewest = FewestPrefixes(kBits);
  // The narrow field stands at either end of the port's bits: [0, 15], and [65520, 65535].
  for (const uint32_t base : {0u, 65520u}) {
    for (uint32_t first = 0; first < 16; ++first) {
      for (uint32_t last = first; last < 16; ++last) {
        uint32_t set = 0;
        for (uint32_t port = first; port <= last; ++port) set |= 1u << port;
        const auto masks =
            ToMasks({static_cast<uint16_t>(base + first), static_cast<uint16_t>(base + last)});
        EXPECT_EQ(masks.size(), fewest.at(set)) << base + first << "-" << base + last;
      }
    }
  }
}

TEST(PortMasksTest, NormalizeJoinsWhatOverlapsOrTouches) {
  EXPECT_EQ(Normalize({{90, 95}, {80, 80}, {81, 84}, {94, 99}, {10, 10}, {10, 10}}),
            (std::vector<PortRange>{{10, 10}, {80, 84}, {90, 99}}));
  EXPECT_EQ(Normalize({{0, 65535}, {65535, 65535}}), (std::vector<PortRange>{{0, 65535}}));
  EXPECT_EQ(Normalize({{80, 90}, {82, 83}}), (std::vector<PortRange>{{80, 90}}));
  EXPECT_EQ(Normalize({{80, 80}, {82, 82}}), (std::vector<PortRange>{{80, 80}, {82, 82}}));
}

}  // namespace
}  // namespace sluice::policy
