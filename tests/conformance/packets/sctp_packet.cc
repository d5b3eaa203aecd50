#include "tests/conformance/packets/sctp_packet.h"

#include <algorithm>
#include <boost/crc.hpp>

namespace sluice::conformance {
namespace {

constexpr size_t kHeader = 12;
constexpr size_t kChecksumAt = 8;
constexpr size_t kChunkHeader = 4;
constexpr size_t kInitFixed = 16;
constexpr size_t kDataFixed = 12;
constexpr uint16_t kStateCookie = 7;
constexpr uint8_t kWholeMessage = 3;  // the B and E bits
constexpr uint32_t kFirstTsn = 1;
constexpr uint32_t kWindow = 65535;
constexpr uint16_t kStreams = 1;

void Put16(std::string& to, uint16_t value) {
  to.push_back(static_cast<char>(value >> 8));
  to.push_back(static_cast<char>(value & 0xff));
}

void Put32(std::string& to, uint32_t value) {
  Put16(to, static_cast<uint16_t>(value >> 16));
  Put16(to, static_cast<uint16_t>(value & 0xffff));
}

uint16_t Get16(std::string_view from, size_t at) {
  return static_cast<uint16_t>(static_cast<uint8_t>(from[at]) << 8 |
                               static_cast<uint8_t>(from[at + 1]));
}

uint32_t Get32(std::string_view from, size_t at) {
  return static_cast<uint32_t>(Get16(from, at)) << 16 | Get16(from, at + 2);
}

// Chunks and parameters alike: type, length with the header, value, padding.
void PadTo4(std::string& to) { to.resize((to.size() + 3) / 4 * 4); }

// The checksum's bytes: the remainder, its lowest byte first.
std::string ChecksumOf(std::string packet) {
  packet.replace(kChecksumAt, 4, 4, '\0');
  uint32_t crc = Crc32c(packet);
  std::string bytes;
  for (int i = 0; i < 4; ++i, crc >>= 8) bytes.push_back(static_cast<char>(crc & 0xff));
  return bytes;
}

}  // namespace

const SctpChunk* SctpPacket::Find(SctpChunkType type) const {
  const auto found = std::find_if(chunks.begin(), chunks.end(),
                                  [type](const SctpChunk& chunk) { return chunk.type == type; });
  return found == chunks.end() ? nullptr : &*found;
}

uint32_t Crc32c(std::string_view bytes) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

std::string Serialize(const SctpPacket& packet) {
  std::string bytes;
  Put16(bytes, packet.source_port);
  Put16(bytes, packet.destination_port);
  Put32(bytes, packet.verification_tag);
  Put32(bytes, 0);
  for (const SctpChunk& chunk : packet.chunks) {
    bytes.push_back(static_cast<char>(chunk.type));
    bytes.push_back(static_cast<char>(chunk.flags));
    Put16(bytes, static_cast<uint16_t>(kChunkHeader + chunk.value.size()));
    bytes += chunk.value;
    PadTo4(bytes);
  }
  return bytes.replace(kChecksumAt, 4, ChecksumOf(bytes));
}

std::optional<SctpPacket> ParseSctp(std::string_view bytes) {
  if (bytes.size() < kHeader) return std::nullopt;
  if (bytes.substr(kChecksumAt, 4) != ChecksumOf(std::string(bytes))) return std::nullopt;
  SctpPacket packet{Get16(bytes, 0), Get16(bytes, 2), Get32(bytes, 4), {}};
  for (size_t at = kHeader; at < bytes.size();) {
    if (bytes.size() - at < kChunkHeader) return std::nullopt;
    const size_t length = Get16(bytes, at + 2);
    if (length < kChunkHeader || length > bytes.size() - at) return std::nullopt;
    packet.chunks.push_back({static_cast<SctpChunkType>(bytes[at]),
                             static_cast<uint8_t>(bytes[at + 1]),
                             std::string(bytes.substr(at + kChunkHeader, length - kChunkHeader))});
    at += (length + 3) / 4 * 4;
  }
  return packet;
}

SctpChunk InitChunk(SctpChunkType type, const SctpInit& init) {
  SctpChunk chunk{.type = type, .flags = 0, .value = {}};
  Put32(chunk.value, init.initiate_tag);
  Put32(chunk.value, kWindow);
  Put16(chunk.value, kStreams);
  Put16(chunk.value, kStreams);
  Put32(chunk.value, kFirstTsn);
  if (init.cookie.empty()) return chunk;
  Put16(chunk.value, kStateCookie);
  Put16(chunk.value, static_cast<uint16_t>(4 + init.cookie.size()));
  chunk.value += init.cookie;
  return chunk;
}

std::optional<SctpInit> ParseInit(const SctpChunk& chunk) {
  if (chunk.value.size() < kInitFixed) return std::nullopt;
  SctpInit init{Get32(chunk.value, 0), {}};
  if (chunk.value.size() < kInitFixed + 4) return init;
  const size_t length = Get16(chunk.value, kInitFixed + 2);
  if (Get16(chunk.value, kInitFixed) != kStateCookie || length < 4 ||
      length > chunk.value.size() - kInitFixed) {
    return std::nullopt;
  }
  init.cookie = chunk.value.substr(kInitFixed + 4, length - 4);
  return init;
}

SctpChunk DataChunk(std::string_view message) {
  SctpChunk chunk{.type = SctpChunkType::kData, .flags = kWholeMessage, .value = {}};
  Put32(chunk.value, kFirstTsn);
  Put32(chunk.value, 0);  // stream and its sequence number
  Put32(chunk.value, 0);  // payload protocol
  chunk.value += message;
  return chunk;
}

std::optional<std::string> ParseData(const SctpChunk& chunk) {
  if (chunk.value.size() < kDataFixed) return std::nullopt;
  return chunk.value.substr(kDataFixed);
}

}  // namespace sluice::conformance
