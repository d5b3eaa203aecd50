// The commands of sluicectl.
#pragma once

#include <istream>
#include <ostream>
#include <string>

#include "ofctl/base/result.h"

namespace sluice::ctl {

enum class Output : uint8_t { kText, kJson };

struct Request {
  std::string command;
  std::string socket;
  Output output = Output::kText;
};

// The exit code: 0, or 1 if the agent answered and is not in sync. An error if it did not answer,
// or the command makes no sense.
Result<int> Run(const Request& request, std::istream& in, std::ostream& out);

}  // namespace sluice::ctl
