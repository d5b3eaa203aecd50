#include "ofctl/framer.h"

namespace sluice::ofctl {
namespace {

constexpr size_t kHeader = 8;  // version, type, length in 16 bits, xid: OpenFlow 1.5, 7.1.1

}  // namespace

void Framer::Append(std::span<const uint8_t> bytes) {
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(start_));
  start_ = 0;
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

Result<std::optional<Message>> Framer::Next() {
  const std::span<const uint8_t> rest = std::span(buffer_).subspan(start_);
  if (rest.size() < kHeader) return std::optional<Message>();
  const size_t length = static_cast<size_t>(rest[2] << 8 | rest[3]);
  if (length < kHeader) {
    return Invalid("an OpenFlow message of length " + std::to_string(length));
  }
  if (rest.size() < length) return std::optional<Message>();
  start_ += length;
  const std::span<const uint8_t> message = rest.first(length);
  return std::optional<Message>(Message(message.begin(), message.end()));
}

}  // namespace sluice::ofctl
