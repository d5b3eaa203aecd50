// Framer: a byte stream, cut into whole OpenFlow messages. Pure.
#pragma once

#include <optional>
#include <span>

#include "ofctl/codec.h"

namespace sluice::ofctl {

class Framer {
 public:
  void Append(std::span<const uint8_t> bytes);
  // The next whole message; nothing if more bytes are needed. Error: the stream is no OpenFlow, and
  // nothing can be made of the rest of it.
  Result<std::optional<Message>> Next();

 private:
  std::vector<uint8_t> buffer_;
  size_t start_ = 0;  // of the first byte not handed out
};

}  // namespace sluice::ofctl
