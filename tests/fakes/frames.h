// Ethernet frames, byte by byte; how Open vSwitch is given one, and what it wrote of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace sluice::fakes {

using Bytes = std::vector<uint8_t>;

// Appends the lower `size` bytes of it, in network order.
inline void Put(Bytes& frame, uint64_t value, size_t size) {
  for (size_t i = size; i > 0; --i) frame.push_back(static_cast<uint8_t>(value >> 8 * (i - 1)));
}

// RFC 1071: of the bytes from `first` on, an even number of them, and of `sum`, what else counts.
inline uint16_t Checksum(const Bytes& bytes, size_t first, uint32_t sum = 0) {
  for (size_t i = first; i + 1 < bytes.size(); i += 2) {
    sum += static_cast<uint32_t>(bytes[i] << 8 | bytes[i + 1]);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

// In the place of two bytes that are 0.
inline void PutAt(Bytes& frame, size_t place, uint16_t value) {
  frame[place] = static_cast<uint8_t>(value >> 8);
  frame[place + 1] = static_cast<uint8_t>(value);
}

// As `ovs-appctl netdev-dummy/receive` takes it.
inline std::string Hex(const Bytes& bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

// The frames in a file of libpcap's format, such as a port's `options:tx_pcap`.
inline std::vector<Bytes> Captured(const std::string& path) {
  constexpr size_t kFileHeader = 24;
  constexpr size_t kFrameHeader = 16;
  constexpr size_t kLengthAt = 8;
  std::ifstream file(path, std::ios::binary);
  const Bytes all((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::vector<Bytes> frames;
  for (size_t at = kFileHeader; at + kFrameHeader <= all.size();) {
    uint32_t length = 0;
    std::memcpy(&length, &all[at + kLengthAt], sizeof length);
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(at + kFrameHeader);
    frames.emplace_back(first, first + length);
    at += kFrameHeader + length;
  }
  return frames;
}

}  // namespace sluice::fakes
