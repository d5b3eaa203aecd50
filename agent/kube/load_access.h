// A ClusterAccess from where this process finds it.
#pragma once

#include <string>

#include "agent/kube/cluster_access.h"
#include "ofctl/base/result.h"

namespace sluice::kube {

// Of that kubeconfig; "": of the pod that this process runs in. Errors name file and field, or the
// variable.
Result<ClusterAccess> LoadAccess(const std::string& kubeconfig);

}  // namespace sluice::kube
