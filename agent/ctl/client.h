// One question to the agent's status socket, blocking.
#pragma once

#include <string>

#include "ofctl/base/result.h"

namespace sluice::ctl {

struct Question {
  std::string socket;
  std::string json;  // one line
};

// The line that came back. Unavailable if nobody listens, naming the socket.
Result<std::string> Ask(const Question& question);

}  // namespace sluice::ctl
