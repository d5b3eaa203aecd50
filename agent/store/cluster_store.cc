#include "agent/store/cluster_store.h"

#include <algorithm>

namespace sluice::store {
namespace {

// `Pod`: what has these fields.
template <typename Pod>
bool OnPodNetwork(const Pod& pod) {
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
      const PodRecord* known = FindKnown(event.key);
      if (!event.object) return known == nullptr;
      return known != nullptr && known->Is(std::get<Pod>(*event.object));
    }
    case ObjectKind::kNetworkPolicy: {
      const NetworkPolicy* known = FindPolicy(event.key);
      if (!event.object) return known == nullptr;
      return known != nullptr && *known == std::get<NetworkPolicy>(*event.object);
    }
    case ObjectKind::kNode:
      break;
  }
  return true;
}

bool ClusterStore::PodRecord::Is(const Pod& pod) const {
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
  for (const auto& label : labels) namespaces_by_label_[HashOf(label)].Insert(name);
}

void ClusterStore::UnindexNamespace(const std::string& name, const Labels& labels) {
  for (const auto& label : labels) {
    const auto bucket = namespaces_by_label_.find(HashOf(label));
    if (bucket == namespaces_by_label_.end()) continue;  // two labels with one hash
    bucket->second.Erase(name);
    if (bucket->second.empty()) namespaces_by_label_.erase(bucket);
  }
}

StoreDelta ClusterStore::ApplyPod(const StoreEvent& event) {
  StoreDelta delta;
  if (!event.object) {
    const auto known = pods_.find(event.key);
    if (known == pods_.end() || !(*known)->is_known) return {};
    (*known)->is_known = false;
    Derive(**known, delta);
    return delta;
  }
  const Pod& pod = std::get<Pod>(*event.object);
  PodRecord& record = RecordOf(event.key);
  if (record.is_known && record.Is(pod)) return {};
  record.is_known = true;
  record.host_network = pod.host_network;
  record.phase = pod.phase;
  record.labels = Intern(pod.labels);
  record.uid = pod.uid;
  record.node = pod.node;
  record.ips = pod.ips;
  record.ports = pod.ports;
  Derive(record, delta);
  return delta;
}

ClusterStore::PodRecord& ClusterStore::RecordOf(const ObjectKey& key) {
  const auto known = pods_.find(key);
  if (known != pods_.end()) return **known;
  auto fresh = std::make_unique<PodRecord>();
  fresh->state.key = key;
  return **pods_.insert(std::move(fresh)).first;
}

StoreDelta ClusterStore::ApplyPolicy(const StoreEvent& event) {
  PolicyChange change;
  const auto known = policies_.find(event.key);
  if (known != policies_.end()) change.before = known->pointer();
  if (event.object) {
    const NetworkPolicy& policy = std::get<NetworkPolicy>(*event.object);
    if (change.before && *change.before == policy) return {};
    auto after = std::make_shared<NetworkPolicy>(policy);
    selectors_.Share(*after);
    change.after = std::move(after);
  }
  if (!change.before && !change.after) return {};
  if (change.before) policies_.erase(known);
  if (change.after) policies_.insert(change.after);
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
  EndpointState& state = endpoints_[endpoint.id];
  state.endpoint = endpoint;
  PodRecord& record = RecordOf(endpoint.pod);
  const auto place = std::ranges::lower_bound(
      record.endpoints, endpoint.id, {},
      [](const EndpointState* each) -> const AttachmentId& { return each->endpoint.id; });
  if (place == record.endpoints.end() || *place != &state) record.endpoints.insert(place, &state);
  delta.endpoints.push_back(endpoint.id);
  StoreDelta derived;
  Derive(record, derived);
  Append(delta, std::move(derived));
  return delta;
}

StoreDelta ClusterStore::RemoveEndpoint(const AttachmentId& id) {
  const auto known = endpoints_.find(id);
  if (known == endpoints_.end()) return {};
  PodRecord& record = RecordOf(known->second.endpoint.pod);
  std::erase(record.endpoints, &known->second);
  StoreDelta delta;
  delta.endpoints.push_back(id);
  endpoints_.erase(known);  // `id` may be its key
  Derive(record, delta);
  return delta;
}

void ClusterStore::Derive(PodRecord& record, StoreDelta& delta) {
  Attached attached = SetGates(record, delta);
  const bool on_network = record.is_known && OnPodNetwork(record);
  if (on_network && attached.locality == Locality::kRemote) attached.ips = record.ips;
  if (!attached.ips.empty()) {
    SetState(record, std::move(attached), delta);
    return;
  }
  Leave(record, delta);
  if (!record.is_known && record.endpoints.empty()) pods_.erase(pods_.find(record.state.key));
}

ClusterStore::Attached ClusterStore::SetGates(PodRecord& record, StoreDelta& delta) {
  Attached attached;
  const bool on_network = record.is_known && OnPodNetwork(record);
  for (EndpointState* state : record.endpoints) {
    const bool open = on_network && BelongsTo(state->endpoint, record.uid);
    if (const Gate gate = open ? Gate::kOpen : Gate::kClosed; state->gate != gate) {
      state->gate = gate;
      delta.endpoints.push_back(state->endpoint.id);
    }
    if (!open) continue;
    // The address given out by ADD is the truth; status.podIP comes later and by another way.
    attached.locality = Locality::kLocal;
    attached.ips.insert(attached.ips.end(), state->endpoint.ips.begin(), state->endpoint.ips.end());
  }
  return attached;
}

void ClusterStore::SetState(PodRecord& record, Attached attached, StoreDelta& delta) {
  SortUnique(attached.ips);
  std::vector<ContainerPort> named = Named(record.ports);
  PodState& state = record.state;
  PodChange change{.before = std::nullopt, .after = &state};
  if (record.on_network) {
    if (state.labels == record.labels && state.ips == attached.ips &&
        state.locality == attached.locality && state.named_ports == named) {
      return;
    }
    index_.Erase(state);
    change.before = state;
  } else {
    record.on_network = true;
    ++on_network_;
  }
  state.labels = record.labels;
  state.ips = std::move(attached.ips);
  state.locality = attached.locality;
  state.named_ports = std::move(named);
  index_.Insert(state);
  delta.pods.push_back(std::move(change));
}

void ClusterStore::Leave(PodRecord& record, StoreDelta& delta) {
  if (!record.on_network) return;
  index_.Erase(record.state);
  delta.pods.push_back({.before = record.state, .after = nullptr});
  record.on_network = false;
  --on_network_;
}

uint64_t ClusterStore::ByContent::HashOf(const Labels& labels) {
  uint64_t hash = labels.size();
  for (const auto& label : labels) hash = CombineHash(hash, store::HashOf(label));
  return hash;
}

std::shared_ptr<const Labels> ClusterStore::Intern(const Labels& labels) {
  const auto known = label_sets_.find(labels);
  if (known != label_sets_.end()) return known->pointer();
  // Sweep now and then, so that label sets nobody carries any more do not pile up.
  if (label_sets_.size() > 2 * pods_.size() + 64) {
    boost::unordered::erase_if(label_sets_,
                               [](const auto& owned) { return owned.pointer().use_count() == 1; });
  }
  return label_sets_.insert(std::make_shared<const Labels>(labels)).first->pointer();
}

const Labels* ClusterStore::NamespaceLabels(const std::string& name) const {
  const auto found = namespaces_.find(name);
  return found == namespaces_.end() ? nullptr : &found->second;
}

const ClusterStore::PodRecord* ClusterStore::FindKnown(const ObjectKey& key) const {
  const auto found = pods_.find(key);
  return found == pods_.end() || !(*found)->is_known ? nullptr : &**found;
}

const NetworkPolicy* ClusterStore::FindPolicy(const ObjectKey& key) const {
  const auto found = policies_.find(key);
  return found == policies_.end() ? nullptr : found->pointer().get();
}

const PodState* ClusterStore::FindPod(const ObjectKey& key) const {
  const PodRecord* record = FindKnown(key);
  return record == nullptr || !record->on_network ? nullptr : &record->state;
}

std::optional<Pod> ClusterStore::FindPodObject(const ObjectKey& key) const {
  const PodRecord* record = FindKnown(key);
  if (record == nullptr) return std::nullopt;
  return Pod{key,           record->uid, *record->labels, record->node, record->host_network,
             record->phase, record->ips, record->ports};
}

const EndpointState* ClusterStore::FindEndpoint(const AttachmentId& id) const {
  const auto found = endpoints_.find(id);
  return found == endpoints_.end() ? nullptr : &found->second;
}

}  // namespace sluice::store
