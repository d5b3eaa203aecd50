#include "tests/oracle/node_view.h"

#include <algorithm>

namespace sluice::oracle {
namespace {

bool IsListed(const std::vector<IpAddress>& addresses, const IpAddress& address) {
  return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

// A pod that was made again under an old name is another pod.
bool IsOf(const store::Endpoint& endpoint, const store::Pod& pod) {
  if (endpoint.pod != pod.key) return false;
  if (endpoint.pod_uid.empty() || pod.uid.empty()) return true;
  return endpoint.pod_uid == pod.uid;
}

}  // namespace

bool HasAddressOfItsOwn(const store::Pod& pod) {
  if (pod.host_network == store::HostNetwork::kYes) return false;
  if (pod.phase == store::PodPhase::kSucceeded) return false;
  if (pod.phase == store::PodPhase::kFailed) return false;
  return true;  // rule 52: a terminating one still has it
}

NodeView::NodeView(const Cluster& cluster) {
  for (const auto& [key, pod] : cluster.pods) {
    if (!HasAddressOfItsOwn(pod)) continue;
    SeenPod seen{pod, {}, false};
    for (const auto& [id, endpoint] : cluster.endpoints) {
      if (!IsOf(endpoint, pod)) continue;
      seen.local = true;
      for (const IpAddress& ip : endpoint.ips) seen.addresses.push_back(ip);
      open_.push_back(&endpoint);
    }
    if (!seen.local) seen.addresses = pod.ips;
    pods_.push_back(seen);
  }
}

std::vector<const SeenPod*> NodeView::OwnersOf(const IpAddress& address) const {
  std::vector<const SeenPod*> here = SubjectsAt(address);
  if (!here.empty()) return here;
  std::vector<const SeenPod*> elsewhere;
  for (const SeenPod& pod : pods_) {
    if (IsListed(pod.addresses, address)) elsewhere.push_back(&pod);
  }
  return elsewhere;
}

std::vector<const SeenPod*> NodeView::SubjectsAt(const IpAddress& address) const {
  std::vector<const SeenPod*> subjects;
  for (const SeenPod& pod : pods_) {
    if (pod.local && IsListed(pod.addresses, address)) subjects.push_back(&pod);
  }
  return subjects;
}

std::vector<const store::Endpoint*> NodeView::OpenEndpointsAt(const IpAddress& address) const {
  std::vector<const store::Endpoint*> endpoints;
  for (const store::Endpoint* endpoint : open_) {
    if (IsListed(endpoint->ips, address)) endpoints.push_back(endpoint);
  }
  return endpoints;
}

}  // namespace sluice::oracle
