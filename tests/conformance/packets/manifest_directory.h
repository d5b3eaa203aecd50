// ManifestDirectory: a ClusterState as a directory of manifests that an agent follows.
#pragma once

#include <cstdint>
#include <string>

#include "ofctl/base/result.h"
#include "tests/conformance/cluster_case.h"

namespace sluice::conformance {

class ManifestDirectory {
 public:
  explicit ManifestDirectory(std::string path) : path_(std::move(path)) {}

  // Writes what changed since the last call, one file an object, then a fence: a pod of a name of
  // its own. Whoever follows the directory and knows the fence knows all that came before it
  // (inotify(7) keeps the order). The result is the fence's namespace/name.
  Result<std::string> Write(const ClusterState& state);

  // Objects of the present state and the fence.
  const ClusterState& state() const { return state_; }

 private:
  Status Change(const store::StoreEvent& event);

  std::string path_;
  ClusterState state_;
  uint16_t fences_ = 0;
};

}  // namespace sluice::conformance
