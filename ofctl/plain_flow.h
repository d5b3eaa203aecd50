// Flows whose match and actions are plain (plain_match.h), as whole messages.
#pragma once

#include <optional>
#include <span>

#include "ofctl/plain_match.h"

namespace sluice::ofctl {

// Appends a flow_mod that adds the flow; without `body`, one that deletes the flow of exactly this
// key. kNo: not plain, and `out` is as before.
[[nodiscard]] Plain AppendPlain(Xid xid, const FlowKey& key, const FlowBody* body, Message& out);

// Of one entry of a dump. Absent: not plain, or with something that Sluice never writes.
std::optional<Flow> ReadPlainFlow(std::span<const uint8_t> entry);

}  // namespace sluice::ofctl
