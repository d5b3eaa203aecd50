// Numbers as they stand in a message: big-endian, at any address.
#pragma once

#include <endian.h>

#include <cstring>
#include <span>

#include "ofctl/field.h"

namespace sluice::ofctl {

// Big-endian bytes of a field of up to 16 bytes ⇄ right-aligned bits.
inline void PutBits(const Bits& bits, uint8_t* bytes, size_t size) {
  const uint64_t words[2] = {htobe64(bits.hi), htobe64(bits.lo)};
  std::memcpy(bytes, reinterpret_cast<const uint8_t*>(words) + sizeof words - size, size);
}
inline Bits GetBits(const uint8_t* bytes, size_t size) {
  uint64_t words[2] = {0, 0};
  std::memcpy(reinterpret_cast<uint8_t*>(words) + sizeof words - size, bytes, size);
  return {be64toh(words[0]), be64toh(words[1])};
}

inline uint16_t Get16(const uint8_t* bytes) {
  return static_cast<uint16_t>(bytes[0] << 8 | bytes[1]);
}
inline uint32_t Get32(const uint8_t* bytes) {
  return static_cast<uint32_t>(Get16(bytes)) << 16 | Get16(bytes + 2);
}
inline uint64_t Get64(const uint8_t* bytes) {
  return static_cast<uint64_t>(Get32(bytes)) << 32 | Get32(bytes + 4);
}
inline void Put16(uint16_t value, uint8_t* bytes) {
  bytes[0] = static_cast<uint8_t>(value >> 8);
  bytes[1] = static_cast<uint8_t>(value);
}
inline void Put32(uint32_t value, uint8_t* bytes) {
  Put16(static_cast<uint16_t>(value >> 16), bytes);
  Put16(static_cast<uint16_t>(value), bytes + 2);
}
inline void Put64(uint64_t value, uint8_t* bytes) {
  Put32(static_cast<uint32_t>(value >> 32), bytes);
  Put32(static_cast<uint32_t>(value), bytes + 4);
}

// The next multiple of eight: everything in OpenFlow is padded so.
constexpr size_t Padded(size_t size) { return (size + 7) / 8 * 8; }

inline bool AllZero(std::span<const uint8_t> bytes) {
  for (const uint8_t byte : bytes) {
    if (byte != 0) return false;
  }
  return true;
}

}  // namespace sluice::ofctl
