// CNI CHECK: is the attachment still what ADD made of it?
#pragma once

#include "agent/cni_server/handler.h"

namespace sluice::cni_server {

// NotFound for an attachment nobody knows, Refused naming the first difference, Unavailable while
// the switch has no such port, or what CheckLink says.
cni::Response HandleCheck(AttachSteps& steps, const cni::Request& request);

}  // namespace sluice::cni_server
