// CNI DEL: flows, port and link go.
#pragma once

#include "agent/cni_server/handler.h"

namespace sluice::cni_server {

// Success for an attachment nobody knows: its port or link may still be there after a crash, and
// is looked for by its name, which the id determines.
void HandleDel(AttachSteps& steps, const store::AttachmentId& id, Reply reply);

}  // namespace sluice::cni_server
