// Dice: the randomness of one case, the same for the same seed with every standard library.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <vector>

namespace sluice::fuzz {

class Dice {
 public:
  explicit Dice(uint64_t seed) : random_(seed) {}

  // Uniform enough in [0, bound).
  uint32_t Below(uint32_t bound) { return static_cast<uint32_t>(random_() % bound); }
  bool Chance(uint32_t percent) { return Below(100) < percent; }
  template <typename T>
  const T& OneOf(const std::vector<T>& values) {
    return values[Below(static_cast<uint32_t>(values.size()))];
  }
  template <typename T>
  T OneOf(std::initializer_list<T> values) {
    return values.begin()[Below(static_cast<uint32_t>(values.size()))];
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace sluice::fuzz
