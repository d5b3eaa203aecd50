// flow_mods by libopenvswitch, for every flow that there is.
#pragma once

#include "ofctl/codec.h"

struct ofpbuf;

namespace sluice::ofctl {

// Adds the flow; without `body`, deletes the flow of exactly this key. Error: the switch would read
// another flow than was meant.
Result<Message> EncodeByLibrary(Xid xid, const FlowKey& key, const FlowBody* body);

// Sets length and xid, which are not above 65,535 bytes, and frees the buffer.
Message Finish(ofpbuf* buffer, Xid xid);

}  // namespace sluice::ofctl
