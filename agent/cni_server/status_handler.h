// CNI STATUS: would an ADD be served now?
#pragma once

#include "agent/cni_server/handler.h"

namespace sluice::cni_server {

cni::Response HandleStatus(const AttachSteps& steps);

}  // namespace sluice::cni_server
