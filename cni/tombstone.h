// Tombstones: how DEL reaches an agent that is down. The plugin leaves an empty file per attachment
// in a directory beside the agent's socket; the agent detaches what they name when it is back.
// Pure: names only.
#pragma once

#include <string>
#include <string_view>

#include "ofctl/base/result.h"

namespace sluice::cni {

struct Tombstone {
  std::string container_id;
  std::string ifname;

  friend bool operator==(const Tombstone&, const Tombstone&) = default;
};

// "deleted" in the directory of the agent's socket.
std::string TombstoneDirectory(std::string_view agent_socket);
// "<container id>:<ifname>": neither may contain a ':', both may contain dots.
std::string FileName(const Tombstone& tombstone);
// Invalid for a name that FileName cannot have made.
Result<Tombstone> ParseTombstone(std::string_view file_name);

}  // namespace sluice::cni
