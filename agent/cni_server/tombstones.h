// The notes that the plugin leaves while the agent is down (cni/tombstone.h), as the agent reads
// them.
#pragma once

#include <string>
#include <vector>

#include "agent/store/endpoint.h"
#include "ofctl/base/result.h"

namespace sluice::cni_server {

// The attachments to detach, sorted. A directory that does not exist holds none; a file whose name
// is no tombstone's is skipped. Internal if the directory cannot be read.
Result<std::vector<store::AttachmentId>> ListTombstones(const std::string& directory);

bool HasTombstone(const std::string& directory, const store::AttachmentId& id);

// After the attachment was detached. One that does not exist is a success.
Status RemoveTombstone(const std::string& directory, const store::AttachmentId& id);

}  // namespace sluice::cni_server
