// Tombstone files (tombstone.h), as the plugin writes them.
#pragma once

#include <string>

#include "cni/tombstone.h"
#include "ofctl/base/result.h"

namespace sluice::cni {

// Creates the directory, and its parents, with mode 0700 if they are not there. A tombstone that
// exists already is a success.
Status Bury(const std::string& directory, const AttachmentKey& attachment);
// Removes the tombstone again; one that does not exist is a success.
Status Exhume(const std::string& directory, const AttachmentKey& attachment);

}  // namespace sluice::cni
