// One call of ovs-vswitchd's control socket that waits for the answer.
#pragma once

#include <string>

#include "agent/unixctl/call.h"
#include "ofctl/base/result.h"

namespace sluice::ctl {

// Refused, with the daemon's words, if it does not like the call.
Result<std::string> CallSwitch(const std::string& socket_path, const unixctl::Call& call);

}  // namespace sluice::ctl
