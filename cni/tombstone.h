// Tombstones: how DEL reaches an agent that is down. The plugin leaves an empty file per attachment
// in a directory beside the agent's socket; the agent detaches what they name when it is back.
// Pure: names only.
#pragma once

#include <string>
#include <string_view>

#include "cni/env.h"
#include "ofctl/base/result.h"

namespace sluice::cni {

// "deleted" in the directory of the agent's socket.
std::string TombstoneDirectory(std::string_view agent_socket);
// "<container id>:<ifname>": neither may contain a ':', both may contain dots.
std::string FileName(const AttachmentKey& attachment);
// Invalid for a name that FileName cannot have made.
Result<AttachmentKey> ParseTombstone(std::string_view file_name);

}  // namespace sluice::cni
