// Path and query of the requests that a reflector makes (Kubernetes API Concepts: "Efficient
// detection of changes", "Retrieving large results sets in chunks", "Streaming lists").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/kube/resource.h"

namespace sluice::kube {

struct ListPage {
  uint32_t limit = 0;             // 0: all in one answer
  std::string_view continuation;  // "": the first page
};

struct WatchFrom {
  std::string_view resource_version;
  uint32_t timeout_s = 0;
};

// No resourceVersion: as of now, not whatever a cache holds. A restarted agent must not go back to
// a policy that it had seen replaced.
std::string ListTarget(Resource resource, ListPage page);
std::string WatchTarget(Resource resource, WatchFrom from);
std::string ObjectTarget(Resource resource, std::string_view name);  // of a cluster-wide resource
// A watch whose first events are what exists now, up to a bookmark that says so.
std::string StreamingListTarget(Resource resource, uint32_t timeout_s);

}  // namespace sluice::kube
