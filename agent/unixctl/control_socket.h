#pragma once

#include <string>

#include "ofctl/base/result.h"

namespace sluice::unixctl {

// ovs-vswitchd's: ovs-vswitchd.PID.ctl by its pidfile, or ovs-vswitchd.ctl, in its run directory.
// NotFound if there is neither.
Result<std::string> FindControlSocket(const std::string& rundir);

}  // namespace sluice::unixctl
