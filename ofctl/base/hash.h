// Stable hashes: the same value for the same input in every build, process and release.
// Ids that end up in the switch are derived from them, so that a restarted agent (also a newer
// one) computes the very flows its predecessor installed. std::hash promises none of that.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice {

// The finalizer of SplitMix64 (Steele, Lea, Flood 2014): a bijection that mixes every bit.
constexpr uint64_t MixBits(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// FNV-1a over the bytes, mixed once at the end. With another seed it is another hash.
constexpr uint64_t StableHash(std::string_view bytes, uint64_t seed = 0xcbf29ce484222325) {
  uint64_t hash = seed;
  for (const char c : bytes) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  return MixBits(hash);
}

constexpr uint64_t CombineHash(uint64_t seed, uint64_t value) {
  return MixBits(seed ^ (MixBits(value) + 0x9e3779b97f4a7c15 + (seed << 6) + (seed >> 2)));
}

}  // namespace sluice
