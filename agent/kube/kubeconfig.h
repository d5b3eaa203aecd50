// A kubeconfig's current context as a ClusterAccess (the file format of client-go's clientcmd v1).
#pragma once

#include <string>
#include <string_view>

#include "agent/kube/cluster_access.h"
#include "ofctl/base/result.h"

namespace sluice::kube {

struct KubeconfigText {
  std::string file;  // names it in errors; relative paths in the text start at its directory
  std::string text;
};

// Errors name file and field: "/root/.kube/config: users[admin].user.token: ...". What would change
// who is trusted or who we are and is not understood (exec, auth-provider,
// insecure-skip-tls-verify, proxy-url, impersonation, passwords) is refused rather than passed
// over.
Result<ClusterAccess> ParseKubeconfig(const KubeconfigText& kubeconfig);

}  // namespace sluice::kube
