// The commands of sluicectl.
#pragma once

#include <istream>
#include <ostream>
#include <string>

#include "agent/explain/question.h"
#include "ofctl/base/result.h"

namespace sluice::ctl {

enum class Output : uint8_t { kText, kJson };

struct Request {
  std::string command;
  std::string socket;
  Output output = Output::kText;
  // For "why" alone:
  explain::QuestionText question;
  std::string manifests;  // a directory to judge by instead of asking the agent; "": ask it
  std::string pod_cidrs;  // with it: where pods without an address will be
};

// The exit code: 0, or 1 if the agent answered and is not in sync; for "why" that of RunWhy. An
// error if nobody answered, or the command makes no sense.
Result<int> Run(const Request& request, std::istream& in, std::ostream& out);

}  // namespace sluice::ctl
