// Actions ⇄ ofpacts of libopenvswitch. Included by .cc files of ofctl only.
#pragma once

#include <cstddef>

#include "ofctl/actions.h"
#include "ofctl/base/result.h"

struct ofpact;
struct ofpbuf;

namespace sluice::ofctl {

// `proto` is the nw_proto of the flow's match: it decides what kTpSrc and kTpDst mean.
// Error: an action that no message can say (an unknown port, a Foreign action).
Status ToOvs(const Actions& from, uint8_t proto, ofpbuf& to);

// What our types cannot say becomes Foreign, with the text that ovs-ofctl prints.
Actions FromOvs(const ofpact* first, size_t length);

}  // namespace sluice::ofctl
