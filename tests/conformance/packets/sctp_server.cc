#include "tests/conformance/packets/sctp_server.h"

namespace sluice::conformance {
namespace {

constexpr uint32_t kServerTag = 0x53525652;

}  // namespace

SctpServer::SctpServer(std::shared_ptr<SctpSocket> socket, uint16_t port, std::string greeting)
    : socket_(std::move(socket)), port_(port), greeting_(std::move(greeting)) {
  socket_->Receive([this](const SctpPacket& packet,
                          const SctpSocket::Endpoint& from) { OnPacket(packet, from); },
                   [](const boost::system::error_code&) {});
}

void SctpServer::OnPacket(const SctpPacket& packet, const SctpSocket::Endpoint& from) {
  if (packet.destination_port != port_) return;
  SctpPacket reply{port_, packet.source_port, 0, {}};
  if (const SctpChunk* chunk = packet.Find(SctpChunkType::kInit)) {
    const auto init = ParseInit(*chunk);
    if (!init) return;
    reply.verification_tag = init->initiate_tag;
    // The cookie is the peer's tag, in decimal.
    reply.chunks = {
        InitChunk(SctpChunkType::kInitAck, {kServerTag, std::to_string(init->initiate_tag)})};
  } else if (const SctpChunk* echo = packet.Find(SctpChunkType::kCookieEcho)) {
    if (packet.verification_tag != kServerTag) return;
    reply.verification_tag = static_cast<uint32_t>(std::strtoul(echo->value.c_str(), nullptr, 10));
    reply.chunks = {{.type = SctpChunkType::kCookieAck, .flags = 0, .value = {}},
                    DataChunk(greeting_)};
  } else {
    return;
  }
  (void)socket_->SendTo(reply, from);  // the prober will notice
}

}  // namespace sluice::conformance
