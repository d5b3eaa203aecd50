// CNI ADD: a pod gets its interface, and the reply goes out when the switch has acknowledged the
// flows that guard it.
#pragma once

#include "agent/cni_server/handler.h"

namespace sluice::cni_server {

// Waits for the pod object, then link, port, flows. A step that fails, or the deadline when it has
// passed after one, undoes every step begun, backwards; the error says which step it was, and
// what could not be undone. A repeated ADD (same pod, same addresses) is taken apart and redone.
// An address that another attachment has is refused, unless that one's link is gone.
// A client that has gone is no reason to stop: the runtime follows up with DEL.
void HandleAdd(Attachment attachment, Clock now, Reply reply);

}  // namespace sluice::cni_server
