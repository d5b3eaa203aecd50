// Reading manifests from a directory.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/manifests/inotify_changes.h"
#include "agent/manifests/manifest_set.h"
#include "ofctl/base/result.h"

namespace sluice::manifests {

struct ManifestFile {
  std::string directory;
  std::string name;
};

// The names of the manifests in `directory`, sorted.
Result<std::vector<std::string>> ListManifests(const std::string& directory);

// What is there now. Absent: nothing to say yet, because the file is still being written (its
// closing will be seen) or the whole directory is gone.
std::optional<FileChange> ReadManifest(const ManifestFile& file, Readiness readiness);

// Whether it is a symbolic link, or not there at all.
bool IsLinkOrGone(const ManifestFile& file);

}  // namespace sluice::manifests
