#include "tests/conformance/packets/sctp_attempt.h"

#include "tests/conformance/packets/sockets.h"

namespace sluice::conformance {
namespace {

// Always the same: the switch remembers associations for minutes, and only so many of them.
constexpr uint16_t kClientPort = 40000;
constexpr uint32_t kClientTag = 0x434c4e54;

}  // namespace

SctpAttempt::SctpAttempt(boost::asio::io_context& io, const Probe& probe)
    : Attempt(Greeting(probe.server, probe.service)),
      port_(probe.service.port),
      socket_(std::make_shared<SctpSocket>(io)) {
  auto failed = socket_->Open(probe.to.family());
  if (!failed) failed = socket_->Connect(probe.to);
  if (failed) OnFailure(failed.message());
}

void SctpAttempt::Send() {
  if (fate() != Fate::kSilent) return;
  const auto failed = socket_->Send(
      {kClientPort,
       port_,
       0,
       {InitChunk(SctpChunkType::kInit, {.initiate_tag = kClientTag, .cookie = {}})}});
  if (failed) return OnFailure(failed.message());
  const auto self = std::static_pointer_cast<SctpAttempt>(shared_from_this());
  socket_->Receive(
      [self](const SctpPacket& packet, const SctpSocket::Endpoint&) { self->OnPacket(packet); },
      [self](const boost::system::error_code& lost) { self->OnFailure(lost.message()); });
}

void SctpAttempt::OnPacket(const SctpPacket& packet) {
  if (packet.source_port != port_ || packet.destination_port != kClientPort ||
      packet.verification_tag != kClientTag) {
    return;  // another attempt's, with the same host
  }
  if (const SctpChunk* chunk = packet.Find(SctpChunkType::kInitAck)) {
    const auto init = ParseInit(*chunk);
    if (!init) return OnFailure("an INIT ACK that is not well-formed");
    const auto failed =
        socket_->Send({kClientPort,
                       port_,
                       init->initiate_tag,
                       {{.type = SctpChunkType::kCookieEcho, .flags = 0, .value = init->cookie}}});
    if (failed) OnFailure(failed.message());
  }
  const SctpChunk* data = packet.Find(SctpChunkType::kData);
  if (packet.Find(SctpChunkType::kCookieAck) != nullptr && data != nullptr) {
    OnAnswer(ParseData(*data).value_or(""));
  }
}

}  // namespace sluice::conformance
