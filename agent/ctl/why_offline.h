// The answer to "why" from a directory of manifests: no agent, no switch.
#pragma once

#include <string>

#include "agent/explain/question.h"
#include "ofctl/base/result.h"

namespace sluice::ctl {

struct OfflineWhy {
  std::string directory;
  explain::QuestionText question;
  std::string pod_cidrs;  // where pods without an address will be: a comma list, one a family
};

// As the agent answers it (status/why_json.h), with "complaints" about the manifests: the errors
// among them. Every pod is judged as if it were attached here.
Result<std::string> ExplainOffline(const OfflineWhy& why);

}  // namespace sluice::ctl
