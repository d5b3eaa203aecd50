// A ClusterAccess from where this process finds it: a file, or the pod that it runs in.
#pragma once

#include <string>

#include "agent/kube/cluster_access.h"
#include "ofctl/base/result.h"

namespace sluice::kube {

// Errors name file and field.
Result<ClusterAccess> LoadKubeconfig(const std::string& path);
// Errors name the variable.
Result<ClusterAccess> LoadInCluster();

}  // namespace sluice::kube
