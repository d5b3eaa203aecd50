#pragma once

#include <string_view>

#include "agent/kube/cluster_access.h"
#include "ofctl/base/result.h"

namespace sluice::kube {

// "https://host[:port][/prefix]". Plain http is refused: nothing would prove who answers.
Result<ServerUrl> ParseServerUrl(std::string_view text);

}  // namespace sluice::kube
