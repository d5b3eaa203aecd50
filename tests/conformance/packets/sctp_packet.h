// SCTP packets (RFC 9260) as far as an association's handshake and one message need them: the
// kernel may have no SCTP, so the probes bring their own, on raw sockets. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::conformance {

enum class SctpChunkType : uint8_t {
  kData = 0,
  kInit = 1,
  kInitAck = 2,
  kCookieEcho = 10,
  kCookieAck = 11,
};

struct SctpChunk {
  SctpChunkType type = SctpChunkType::kData;
  uint8_t flags = 0;
  std::string value;  // without the chunk's header, not padded

  friend bool operator==(const SctpChunk&, const SctpChunk&) = default;
};

struct SctpPacket {
  uint16_t source_port = 0;
  uint16_t destination_port = 0;
  uint32_t verification_tag = 0;
  std::vector<SctpChunk> chunks;

  // Absent: there is none.
  const SctpChunk* Find(SctpChunkType type) const;
  friend bool operator==(const SctpPacket&, const SctpPacket&) = default;
};

// RFC 9260, appendix A.
uint32_t Crc32c(std::string_view bytes);

// With the checksum, as the payload of an IP packet.
std::string Serialize(const SctpPacket& packet);
// Absent: not well-formed, or the checksum is wrong.
std::optional<SctpPacket> ParseSctp(std::string_view bytes);

// INIT and INIT ACK (3.3.2, 3.3.3): the tag that the peer is to use; the cookie only of INIT ACK.
struct SctpInit {
  uint32_t initiate_tag = 0;
  std::string cookie;
};
SctpChunk InitChunk(SctpChunkType type, const SctpInit& init);
std::optional<SctpInit> ParseInit(const SctpChunk& chunk);

// DATA (3.3.1): one whole message.
SctpChunk DataChunk(std::string_view message);
std::optional<std::string> ParseData(const SctpChunk& chunk);

}  // namespace sluice::conformance
