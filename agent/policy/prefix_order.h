// PrefixOrder: the order of Cidr, compared by words: maps of prefixes are the engine's busiest.
#pragma once

#include <cstdint>
#include <cstring>

#include "ofctl/base/ip.h"

namespace sluice::policy {

struct PrefixOrder {
  bool operator()(const Cidr& a, const Cidr& b) const {
    if (a.family() != b.family()) return a.family() < b.family();
    for (const size_t offset : {size_t{0}, sizeof(uint64_t)}) {
      const uint64_t left = Word(a, offset);
      const uint64_t right = Word(b, offset);
      if (left != right) return left < right;
    }
    return a.length() < b.length();
  }

 private:
  // Eight bytes of the address, the first one highest.
  static uint64_t Word(const Cidr& prefix, size_t offset) {
    uint64_t word;
    std::memcpy(&word, prefix.network().bytes().data() + offset, sizeof word);
    static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
    return __builtin_bswap64(word);
  }
};

}  // namespace sluice::policy
