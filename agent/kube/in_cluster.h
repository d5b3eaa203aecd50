// What a pod is given to reach the apiserver: two variables of the environment and a mounted token
// and CA (Kubernetes: "Accessing the Kubernetes API from a Pod").
#pragma once

#include <string>

#include "agent/kube/cluster_access.h"
#include "ofctl/base/result.h"

namespace sluice::kube {

struct PodEnvironment {
  std::string host;                     // KUBERNETES_SERVICE_HOST, "" if not set
  std::string port;                     // KUBERNETES_SERVICE_PORT, "" if not set
  std::string service_account_folder =  // holds token and ca.crt
      "/var/run/secrets/kubernetes.io/serviceaccount";
};

// Errors name the variable.
Result<ClusterAccess> InClusterAccess(const PodEnvironment& environment);

}  // namespace sluice::kube
