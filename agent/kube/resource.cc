#include "agent/kube/resource.h"

namespace sluice::kube {

std::string_view NameOf(Resource resource) {
  switch (resource) {
    case Resource::kNamespaces:
      return "namespaces";
    case Resource::kPods:
      return "pods";
    case Resource::kNetworkPolicies:
      return "networkpolicies";
    case Resource::kNodes:
      return "nodes";
  }
  return "";
}

std::string_view PathOf(Resource resource) {
  switch (resource) {
    case Resource::kNamespaces:
      return "/api/v1/namespaces";
    case Resource::kPods:
      return "/api/v1/pods";
    case Resource::kNetworkPolicies:
      return "/apis/networking.k8s.io/v1/networkpolicies";
    case Resource::kNodes:
      return "/api/v1/nodes";
  }
  return "";
}

store::ObjectKind KindOf(Resource resource) {
  switch (resource) {
    case Resource::kNamespaces:
      return store::ObjectKind::kNamespace;
    case Resource::kPods:
      return store::ObjectKind::kPod;
    case Resource::kNodes:
      return store::ObjectKind::kNode;
    case Resource::kNetworkPolicies:
      break;
  }
  return store::ObjectKind::kNetworkPolicy;
}

}  // namespace sluice::kube
