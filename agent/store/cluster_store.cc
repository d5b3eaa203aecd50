#include "agent/store/cluster_store.h"

#include <algorithm>

namespace sluice::store {
namespace {

template <typename PodObject>
bool OnPodNetwork(const PodObject& pod) {
  return pod.host_network == HostNetwork::kNo && pod.phase != PodPhase::kSucceeded &&
         pod.phase != PodPhase::kFailed;
}

// A re-created pod has the old one's name; an endpoint of the old one is not the new one's.
bool BelongsTo(const Endpoint& endpoint, const std::string& uid) {
  return endpoint.pod_uid.empty() || uid.empty() || endpoint.pod_uid == uid;
}

template <typename T>
void SortUnique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

std::vector<ContainerPort> Named(const std::vector<ContainerPort>& ports) {
  std::vector<ContainerPort> named;
  std::copy_if(ports.begin(), ports.end(), std::back_inserter(named),
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
    case ObjectKind::kNode:
      break;  // no policy speaks of nodes
  }
  return {};
}

bool ClusterStore::Knows(const StoreEvent& event) const {
  switch (event.kind) {
    case ObjectKind::kNamespace: {
      const Labels* labels = NamespaceLabels(event.key.name);
      if (!event.object) return labels == nullptr;
      return labels != nullptr && *labels == std::get<Namespace>(*event.object).labels;
    }
    case ObjectKind::kPod: {
      const auto known = pod_objects_.find(event.key);
      if (!event.object) return known == pod_objects_.end();
      return known != pod_objects_.end() && known->second.Is(std::get<Pod>(*event.object));
    }
    case ObjectKind::kNetworkPolicy: {
      const auto known = policies_.find(event.key);
      if (!event.object) return known == policies_.end();
      return known != policies_.end() && *known->second == std::get<NetworkPolicy>(*event.object);
    }
    case ObjectKind::kNode:
      break;
  }
  return true;
}

bool ClusterStore::PodObject::Is(const Pod& pod) const {
  return uid == pod.uid && *labels == pod.labels && node == pod.node &&
         host_network == pod.host_network && phase == pod.phase && ips == pod.ips &&
         ports == pod.ports;
}

StoreDelta ClusterStore::ApplyNamespace(const StoreEvent& event) {
  const auto known = namespaces_.find(event.key.name);
  if (!event.object) {
    if (known == namespaces_.end()) return {};
    UnindexNamespace(known->first, known->second);
    namespaces_.erase(known);
  } else {
    const Labels& labels = std::get<Namespace>(*event.object).labels;
    if (known != namespaces_.end()) {
      if (known->second == labels) return {};
      UnindexNamespace(known->first, known->second);
    }
    namespaces_.insert_or_assign(event.key.name, labels);
    IndexNamespace(event.key.name, labels);
  }
  StoreDelta delta;
  delta.namespaces.push_back(event.key.name);
  return delta;
}

void ClusterStore::IndexNamespace(const std::string& name, const Labels& labels) {
  for (const auto& label : labels) namespaces_by_label_[HashOf(label)].insert(name);
}

void ClusterStore::UnindexNamespace(const std::string& name, const Labels& labels) {
  for (const auto& label : labels) {
    const auto bucket = namespaces_by_label_.find(HashOf(label));
    if (bucket == namespaces_by_label_.end()) continue;  // two labels with one hash
    bucket->second.erase(name);
    if (bucket->second.empty()) namespaces_by_label_.erase(bucket);
  }
}

StoreDelta ClusterStore::ApplyPod(const StoreEvent& event) {
  const auto known = pod_objects_.lower_bound(event.key);
  const bool is_known = known != pod_objects_.end() && known->first == event.key;
  if (!event.object) {
    if (!is_known) return {};
    pod_objects_.erase(known);
  } else {
    const Pod& pod = std::get<Pod>(*event.object);
    PodObject object{pod.uid, Intern(pod.labels), pod.node, pod.host_network, pod.phase,
                     pod.ips, pod.ports};
    if (!is_known) {
      pod_objects_.emplace_hint(known, event.key, std::move(object));
    } else if (known->second == object) {
      return {};
    } else {
      known->second = std::move(object);
    }
  }
  StoreDelta delta;
  Derive(event.key, delta);
  return delta;
}

StoreDelta ClusterStore::ApplyPolicy(const StoreEvent& event) {
  PolicyChange change;
  const auto known = policies_.lower_bound(event.key);
  if (known != policies_.end() && known->first == event.key) change.before = known->second;
  if (event.object) {
    const NetworkPolicy& policy = std::get<NetworkPolicy>(*event.object);
    if (change.before && *change.before == policy) return {};
    change.after = std::make_shared<const NetworkPolicy>(policy);
    if (change.before) {
      known->second = change.after;
    } else {
      policies_.emplace_hint(known, event.key, change.after);
    }
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
  const auto known = pod_objects_.find(key);
  const PodObject* object = known == pod_objects_.end() ? nullptr : &known->second;
  const bool on_network = object != nullptr && OnPodNetwork(*object);
  std::optional<PodState> state;
  if (on_network) {
    state = PodState{key, object->labels, {}, Locality::kRemote, Named(object->ports)};
  }
  const auto attached = endpoints_of_.find(key);
  if (attached != endpoints_of_.end()) {
    for (const AttachmentId& id : attached->second) {
      EndpointState& endpoint = endpoints_.at(id);
      const bool open = on_network && BelongsTo(endpoint.endpoint, object->uid);
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
  auto place = pods_.lower_bound(key);
  PodChange change;
  if (place != pods_.end() && place->first == key) {
    if (after && place->second == *after) return;
    index_.Erase(place->second);
    change.before = std::move(place->second);
    place = pods_.erase(place);
  } else if (!after) {
    return;
  }
  if (after) {
    index_.Insert(pods_.emplace_hint(place, key, *after)->second);
    change.after = std::move(after);
  }
  delta.pods.push_back(std::move(change));
}

size_t ClusterStore::LabelsHash::operator()(const Labels& labels) const {
  uint64_t hash = labels.size();
  for (const auto& label : labels) hash = CombineHash(hash, HashOf(label));
  return hash;
}

std::shared_ptr<const Labels> ClusterStore::Intern(const Labels& labels) {
  if (const auto known = label_sets_.find(labels); known != label_sets_.end()) return *known;
  // Sweep now and then, so that label sets nobody carries any more do not pile up.
  if (label_sets_.size() > 2 * pod_objects_.size() + 64) {
    std::erase_if(label_sets_, [](const auto& shared) { return shared.use_count() == 1; });
  }
  return *label_sets_.insert(std::make_shared<const Labels>(labels)).first;
}

const Labels* ClusterStore::NamespaceLabels(const std::string& name) const {
  const auto found = namespaces_.find(name);
  return found == namespaces_.end() ? nullptr : &found->second;
}

const PodState* ClusterStore::FindPod(const ObjectKey& key) const {
  const auto found = pods_.find(key);
  return found == pods_.end() ? nullptr : &found->second;
}

std::optional<Pod> ClusterStore::FindPodObject(const ObjectKey& key) const {
  const auto found = pod_objects_.find(key);
  if (found == pod_objects_.end()) return std::nullopt;
  const PodObject& object = found->second;
  return Pod{key,          object.uid, *object.labels, object.node, object.host_network,
             object.phase, object.ips, object.ports};
}

const EndpointState* ClusterStore::FindEndpoint(const AttachmentId& id) const {
  const auto found = endpoints_.find(id);
  return found == endpoints_.end() ? nullptr : &found->second;
}

}  // namespace sluice::store
