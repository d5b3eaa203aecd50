#include "agent/kube/in_cluster.h"

#include "agent/kube/server_url.h"

namespace sluice::kube {

Result<ClusterAccess> InClusterAccess(const PodEnvironment& environment) {
  if (environment.host.empty()) return Invalid("KUBERNETES_SERVICE_HOST: is not set: not in a pod");
  if (environment.port.empty()) return Invalid("KUBERNETES_SERVICE_PORT: is not set: not in a pod");
  const bool v6 = environment.host.find(':') != std::string::npos;
  const std::string host = v6 ? "[" + environment.host + "]" : environment.host;
  Result<ServerUrl> server = ParseServerUrl("https://" + host + ":" + environment.port);
  if (!server.ok()) {
    return server.error().Context("KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT");
  }
  ClusterAccess access;
  access.server = *std::move(server);
  access.ca = FilePath{environment.service_account_folder + "/ca.crt"};
  access.token = FilePath{environment.service_account_folder + "/token"};
  return access;
}

}  // namespace sluice::kube
