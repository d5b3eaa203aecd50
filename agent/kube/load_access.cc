#include "agent/kube/load_access.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include "agent/kube/in_cluster.h"
#include "agent/kube/kubeconfig.h"

namespace sluice::kube {
namespace {

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Result<ClusterAccess> LoadKubeconfig(const std::string& path) {
  errno = 0;
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.is_open() || file.bad() || errno != 0) {
    return Unavailable(path + ": " + std::strerror(errno != 0 ? errno : EIO));
  }
  return ParseKubeconfig({path, text});
}

Result<ClusterAccess> LoadInCluster() {
  PodEnvironment environment;
  environment.host = Variable("KUBERNETES_SERVICE_HOST");
  environment.port = Variable("KUBERNETES_SERVICE_PORT");
  return InClusterAccess(environment);
}

}  // namespace

Result<ClusterAccess> LoadAccess(const std::string& kubeconfig) {
  return kubeconfig.empty() ? LoadInCluster() : LoadKubeconfig(kubeconfig);
}

}  // namespace sluice::kube
