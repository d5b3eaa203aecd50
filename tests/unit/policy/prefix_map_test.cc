#include "agent/policy/prefix_map.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "tests/fakes/builders.h"

namespace sluice::policy {
namespace {

using fakes::Prefix;

std::set<Cidr> Within(PrefixMap<int>& map, const Cidr& prefix) {
  std::set<Cidr> found;
  map.ForEachIn(prefix, [&](const auto& node) { EXPECT_TRUE(found.insert(node.first).second); });
  return found;
}

// Few bits vary, so that prefixes meet in blocks, above, below and on their border.
Cidr Random(std::mt19937& random) {
  if (random() % 2 == 0) {
    const uint32_t address = 0x0a000000 | (random() % 4) << 16 | random() % 1024;
    return Cidr::Of(IpAddress::FromV4(address), static_cast<uint8_t>(random() % 33));
  }
  IpAddress::Bytes bytes{0xfd};
  bytes[14] = static_cast<uint8_t>(random() % 4);
  bytes[15] = static_cast<uint8_t>(random());
  return Cidr::Of(IpAddress::FromV6(bytes), static_cast<uint8_t>(100 + random() % 29));
}

TEST(PrefixMapTest, FindsByThePrefixAsItIs) {
  PrefixMap<int> map;
  map.At(Prefix("10.0.0.0/8")).second = 1;
  map.At(Prefix("10.0.0.0/24")).second = 2;
  EXPECT_EQ(map.Find(Prefix("10.0.0.0/8"))->second, 1);
  EXPECT_EQ(map.Find(Prefix("10.0.0.0/24"))->second, 2);
  EXPECT_EQ(map.Find(Prefix("10.0.0.0/16")), nullptr);
}

TEST(PrefixMapTest, HoldsWhatAMapHolds) {
  std::mt19937 random(1);
  PrefixMap<int> map;
  std::map<Cidr, int> expected;
  for (int step = 0; step < 20'000; ++step) {
    const Cidr prefix = Random(random);
    if (random() % 3 != 0) {
      map.At(prefix).second = step;
      expected[prefix] = step;
    } else {
      map.Erase(prefix);
      expected.erase(prefix);
    }
    const Cidr asked = Random(random);
    const auto* found = map.Find(asked);
    ASSERT_EQ(found != nullptr, expected.contains(asked));
    EXPECT_TRUE(found == nullptr || found->second == expected.at(asked));
    if (step % 20 != 0) continue;
    std::set<Cidr> within;
    for (const auto& [each, value] : expected) {
      if (asked.Contains(each)) within.insert(each);
    }
    ASSERT_EQ(Within(map, asked), within) << asked.ToString();
  }
  EXPECT_EQ(map.size(), expected.size());
}

}  // namespace
}  // namespace sluice::policy
