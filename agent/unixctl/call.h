// One call of an Open vSwitch daemon's control socket, as ovs-appctl makes it (ovs-appctl(8)):
// JSON-RPC 1.0, as text. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ofctl/base/result.h"

namespace sluice::unixctl {

struct Call {
  std::string method;  // "ofproto/trace"
  std::vector<std::string> parameters;
};

std::string RequestText(const Call& call);

// Reads the one reply to a call off a stream.
class ReplyReader {
 public:
  // A trace over all tables has some 100 kB.
  static constexpr size_t kMaxBytes = size_t{16} << 20;

  // `method` is for errors.
  explicit ReplyReader(std::string method) : method_(std::move(method)) {}

  // Takes the next bytes. Absent: more must come. Else what the daemon answered, Refused with its
  // words if it does not like the call, or Invalid for what is no reply.
  std::optional<Result<std::string>> Take(std::string_view bytes);

 private:
  std::string method_;
  std::string text_;
};

}  // namespace sluice::unixctl
