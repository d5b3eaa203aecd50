// The unix socket that the agent listens on, from the path up.
#pragma once

#include <string>

#include "ofctl/base/result.h"

namespace sluice::cni_server {

// A listening, close-on-exec descriptor; the caller owns it. The socket file has mode 0600, its
// directory is created with mode 0700 if it is not there. A socket file nobody answers on is
// replaced; Refused if somebody does, or if the path is something else.
Result<int> OpenListeningSocket(const std::string& path);

}  // namespace sluice::cni_server
