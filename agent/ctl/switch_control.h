// One call of ovs-vswitchd's control socket, as ovs-appctl makes it (ovs-appctl(8)): JSON-RPC 1.0.
#pragma once

#include <string>
#include <vector>

#include "ofctl/base/result.h"

namespace sluice::ctl {

// ovs-vswitchd.PID.ctl by its pidfile, or ovs-vswitchd.ctl, in its run directory.
Result<std::string> FindSwitchControl(const std::string& rundir);

struct ControlCall {
  std::string socket;
  std::string method;
  std::vector<std::string> parameters;
};

// Refused, with the daemon's words, if it does not like the call.
Result<std::string> CallSwitch(const ControlCall& call);

}  // namespace sluice::ctl
