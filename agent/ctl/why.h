// sluicectl why A B:PORT[/PROTO].
#pragma once

#include <ostream>
#include <string>

#include "agent/ctl/commands.h"

namespace sluice::ctl {

// The exit code: 0 allowed, 1 denied, 2 it cannot be said: unknown, the agent is not in sync, or
// the switch (or the agent's own engine) says otherwise. An error if nobody answers.
Result<int> RunWhy(const Request& request, std::ostream& out);

}  // namespace sluice::ctl
