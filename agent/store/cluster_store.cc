#include "agent/store/cluster_store.h"

#include <algorithm>

namespace sluice::store {
namespace {

bool OnPodNetwork(const Pod& pod) {
  return pod.host_network == HostNetwork::kNo && pod.phase != PodPhase::kSucceeded &&
         pod.phase != PodPhase::kFailed;
}

// A re-created pod has the old one's name; an endpoint of the old one is not the new one's.
bool BelongsTo(const Endpoint& endpoint, const Pod& pod) {
  return endpoint.pod_uid.empty() || pod.uid.empty() || endpoint.pod_uid == pod.uid;
}

template <typename T>
void SortUnique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

std::vector<ContainerPort> NamedPorts(const Pod& pod) {
  std::vector<ContainerPort> named;
  std::copy_if(pod.ports.begin(), pod.ports.end(), std::back_inserter(named),
               [](const ContainerPort& port) { return !port.name.empty(); });
  SortUnique(named);
  return named;
}

void Append(StoreDelta& to, StoreDelta&& from) {
  std::move(from.pods.begin(), from.pods.end(), std::back_inserter(to.pods));
  std::move(from.endpoints.begin(), from.endpoints.end(), std::back_inserter(to.endpoints));
}

}  // namespace

StoreDelta ClusterStore::Apply(const StoreEvent& event) {
  switch (event.kind) {
    case ObjectKind::kNamespace:
      return ApplyNamespace(event);
    case ObjectKind::kPod:
      return ApplyPod(event);
    case ObjectKind::kNetworkPolicy:
      return ApplyPolicy(event);
  }
  return {};
}

StoreDelta ClusterStore::ApplyNamespace(const StoreEvent& event) {
  const auto known = namespaces_.find(event.key.name);
  if (!event.object) {
    if (known == namespaces_.end()) return {};
    namespaces_.erase(known);
  } else {
    const Labels& labels = std::get<Namespace>(*event.object).labels;
    if (known != namespaces_.end() && known->second == labels) return {};
    namespaces_.insert_or_assign(event.key.name, labels);
  }
  StoreDelta delta;
  delta.namespaces.push_back(event.key.name);
  return delta;
}

StoreDelta ClusterStore::ApplyPod(const StoreEvent& event) {
  const auto known = pod_objects_.find(event.key);
  if (!event.object) {
    if (known == pod_objects_.end()) return {};
    pod_objects_.erase(known);
  } else {
    const Pod& pod = std::get<Pod>(*event.object);
    if (known != pod_objects_.end() && known->second == pod) return {};
    pod_objects_.insert_or_assign(event.key, pod);
  }
  StoreDelta delta;
  Derive(event.key, delta);
  return delta;
}

StoreDelta ClusterStore::ApplyPolicy(const StoreEvent& event) {
  PolicyChange change;
  const auto known = policies_.find(event.key);
  if (known != policies_.end()) change.before = known->second;
  if (event.object) {
    const NetworkPolicy& policy = std::get<NetworkPolicy>(*event.object);
    if (change.before && *change.before == policy) return {};
    change.after = std::make_shared<const NetworkPolicy>(policy);
    policies_.insert_or_assign(event.key, change.after);
  } else {
    if (!change.before) return {};
    policies_.erase(known);
  }
  StoreDelta delta;
  delta.policies.push_back(std::move(change));
  return delta;
}

StoreDelta ClusterStore::PutEndpoint(const Endpoint& endpoint) {
  const EndpointState* before = FindEndpoint(endpoint.id);
  if (before != nullptr && before->endpoint == endpoint) return {};
  StoreDelta delta;
  if (before != nullptr && before->endpoint.pod != endpoint.pod) {
    delta = RemoveEndpoint(endpoint.id);  // the id moves to another pod: derive both
  }
  endpoints_[endpoint.id].endpoint = endpoint;
  std::vector<AttachmentId>& of_pod = endpoints_of_[endpoint.pod];
  const auto place = std::lower_bound(of_pod.begin(), of_pod.end(), endpoint.id);
  if (place == of_pod.end() || *place != endpoint.id) of_pod.insert(place, endpoint.id);
  delta.endpoints.push_back(endpoint.id);
  StoreDelta derived;
  Derive(endpoint.pod, derived);
  Append(delta, std::move(derived));
  return delta;
}

StoreDelta ClusterStore::RemoveEndpoint(const AttachmentId& id) {
  const auto known = endpoints_.find(id);
  if (known == endpoints_.end()) return {};
  const ObjectKey pod = known->second.endpoint.pod;
  endpoints_.erase(known);
  std::erase(endpoints_of_[pod], id);
  if (endpoints_of_[pod].empty()) endpoints_of_.erase(pod);
  StoreDelta delta;
  delta.endpoints.push_back(id);
  Derive(pod, delta);
  return delta;
}

void ClusterStore::Derive(const ObjectKey& key, StoreDelta& delta) {
  const Pod* object = FindPodObject(key);
  const bool on_network = object != nullptr && OnPodNetwork(*object);
  std::optional<PodState> state;
  if (on_network) {
    state = PodState{key, Intern(object->labels), {}, Locality::kRemote, NamedPorts(*object)};
  }
  const auto attached = endpoints_of_.find(key);
  if (attached != endpoints_of_.end()) {
    for (const AttachmentId& id : attached->second) {
      EndpointState& endpoint = endpoints_.at(id);
      const bool open = on_network && BelongsTo(endpoint.endpoint, *object);
      if (const Gate gate = open ? Gate::kOpen : Gate::kClosed; endpoint.gate != gate) {
        endpoint.gate = gate;
        delta.endpoints.push_back(id);
      }
      if (!open) continue;
      // The address given out by ADD is the truth; status.podIP comes later and by another way.
      state->locality = Locality::kLocal;
      state->ips.insert(state->ips.end(), endpoint.endpoint.ips.begin(),
                        endpoint.endpoint.ips.end());
    }
  }
  if (state && state->locality == Locality::kRemote) state->ips = object->ips;
  if (state) SortUnique(state->ips);
  if (state && state->ips.empty()) state.reset();
  SetPod(key, std::move(state), delta);
}

void ClusterStore::SetPod(const ObjectKey& key, std::optional<PodState> after, StoreDelta& delta) {
  const auto known = pods_.find(key);
  PodChange change;
  if (known != pods_.end()) {
    if (after && known->second == *after) return;
    for (const auto& [name, value] : *known->second.labels) {
      const auto bucket = by_label_.find(name + "=" + value);
      bucket->second.erase(&known->second);
      if (bucket->second.empty()) by_label_.erase(bucket);
    }
    change.before = std::move(known->second);
    pods_.erase(known);
  } else if (!after) {
    return;
  }
  if (after) {
    const PodState& placed = pods_.emplace(key, *after).first->second;
    for (const auto& [name, value] : *placed.labels) by_label_[name + "=" + value].insert(&placed);
    change.after = std::move(after);
  }
  delta.pods.push_back(std::move(change));
}

std::shared_ptr<const Labels> ClusterStore::Intern(const Labels& labels) {
  std::weak_ptr<const Labels>& slot = label_sets_[labels];
  if (auto shared = slot.lock()) return shared;
  // Sweep now and then, so that label sets nobody carries any more do not pile up.
  if (label_sets_.size() > 2 * pods_.size() + 64) {
    std::erase_if(label_sets_,
                  [&](const auto& item) { return item.second.expired() && item.first != labels; });
  }
  auto shared = std::make_shared<const Labels>(labels);
  label_sets_[labels] = shared;
  return shared;
}

const Labels* ClusterStore::NamespaceLabels(const std::string& name) const {
  const auto found = namespaces_.find(name);
  return found == namespaces_.end() ? nullptr : &found->second;
}

const PodState* ClusterStore::FindPod(const ObjectKey& key) const {
  const auto found = pods_.find(key);
  return found == pods_.end() ? nullptr : &found->second;
}

const Pod* ClusterStore::FindPodObject(const ObjectKey& key) const {
  const auto found = pod_objects_.find(key);
  return found == pod_objects_.end() ? nullptr : &found->second;
}

const EndpointState* ClusterStore::FindEndpoint(const AttachmentId& id) const {
  const auto found = endpoints_.find(id);
  return found == endpoints_.end() ? nullptr : &found->second;
}

}  // namespace sluice::store
