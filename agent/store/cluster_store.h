// ClusterStore: what the cluster and this node's endpoints look like, and what each event changed.
//
// Objects (from a source) and endpoints (from CNI and OVSDB) meet here: an endpoint is open only
// while the pod object it belongs to is known and on the pod network; without one nothing can say
// which policies select it, so it stays closed. Pure; the end state does not depend on the order of
// events.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "agent/store/endpoint.h"
#include "agent/store/objects.h"
#include "agent/store/pod_index.h"
#include "agent/store/pod_state.h"

namespace sluice::store {

enum class Gate : uint8_t { kClosed, kOpen };

struct EndpointState {
  Endpoint endpoint;
  Gate gate = Gate::kClosed;

  friend bool operator==(const EndpointState&, const EndpointState&) = default;
};

struct PodChange {
  std::optional<PodState> before;
  std::optional<PodState> after;
};

struct PolicyChange {
  std::shared_ptr<const NetworkPolicy> before;  // null: was not there
  std::shared_ptr<const NetworkPolicy> after;   // null: is gone
};

struct StoreDelta {
  std::vector<PodChange> pods;
  std::vector<std::string> namespaces;  // whose labels changed, came or went
  std::vector<PolicyChange> policies;
  std::vector<AttachmentId> endpoints;  // look each up: absent means gone

  bool empty() const {
    return pods.empty() && namespaces.empty() && policies.empty() && endpoints.empty();
  }
};

class ClusterStore {
 public:
  ClusterStore() = default;
  // The index points at the pods: they move with it, a copy would point at the original's.
  ClusterStore(ClusterStore&&) = default;
  ClusterStore& operator=(ClusterStore&&) = default;

  // What differs afterwards; empty when the event says what was known.
  StoreDelta Apply(const StoreEvent& event);
  StoreDelta PutEndpoint(const Endpoint& endpoint);
  StoreDelta RemoveEndpoint(const AttachmentId& id);

  // Whether Apply would change nothing.
  bool Knows(const StoreEvent& event) const;

  // Null while the namespace is not known: no namespaceSelector matches it then.
  const Labels* NamespaceLabels(const std::string& name) const;
  const PodState* FindPod(const ObjectKey& key) const;
  // The object, also when it is not on the pod network. Put together anew for every call.
  std::optional<Pod> FindPodObject(const ObjectKey& key) const;
  const EndpointState* FindEndpoint(const AttachmentId& id) const;

  const std::map<ObjectKey, PodState>& pods() const { return pods_; }
  const std::map<AttachmentId, EndpointState>& endpoints() const { return endpoints_; }
  const std::map<ObjectKey, std::shared_ptr<const NetworkPolicy>>& policies() const {
    return policies_;
  }
  const std::map<std::string, Labels, std::less<>>& namespaces() const { return namespaces_; }

  // Calls visit(const PodGroup&) for the groups of pods in the scope; candidates (PodScope).
  template <typename Visit>
  void ForEachPodGroup(const PodScope& scope, Visit visit) const {
    if (scope.where != PodScope::Where::kLabelledNamespaces) return index_.ForEachIn(scope, visit);
    const auto namespaces = namespaces_by_label_.find(scope.ns);
    if (namespaces == namespaces_by_label_.end()) return;
    for (const std::string& ns : namespaces->second) {
      index_.ForEachIn({PodScope::Where::kNamespace, HashOf(ns), scope.label}, visit);
    }
  }
  // Nobody, one, or for a moment several: a pod that is gone elsewhere and not yet heard of as
  // gone.
  std::vector<const PodState*> PodsAt(const IpAddress& address) const { return index_.At(address); }
  template <typename Visit>
  void ForEachPodInNamespace(const std::string& ns, Visit visit) const {
    for (auto it = pods_.lower_bound({ns, ""}); it != pods_.end() && it->first.ns == ns; ++it) {
      visit(it->second);
    }
  }

 private:
  // Label sets are equal by content; looked up by a set that is not shared yet.
  struct LabelsHash {
    using is_transparent = void;
    size_t operator()(const Labels& labels) const;
    size_t operator()(const std::shared_ptr<const Labels>& labels) const {
      return (*this)(*labels);
    }
  };
  struct SameLabels {
    using is_transparent = void;
    using Shared = std::shared_ptr<const Labels>;
    bool operator()(const Shared& a, const Shared& b) const { return a == b; }
    bool operator()(const Labels& a, const Shared& b) const { return a == *b; }
    bool operator()(const Shared& a, const Labels& b) const { return *a == b; }
  };

  // A Pod, kept small: there are as many as the cluster has, not as this node has.
  struct PodObject {
    std::string uid;
    std::shared_ptr<const Labels> labels;  // equal ones are one object
    std::string node;
    HostNetwork host_network = HostNetwork::kNo;
    PodPhase phase = PodPhase::kPending;
    std::vector<IpAddress> ips;
    std::vector<ContainerPort> ports;

    bool Is(const Pod& pod) const;
    friend bool operator==(const PodObject&, const PodObject&) = default;
  };

  StoreDelta ApplyNamespace(const StoreEvent& event);
  StoreDelta ApplyPod(const StoreEvent& event);
  StoreDelta ApplyPolicy(const StoreEvent& event);
  // Derives pods_[key] and the gates of its endpoints from objects and endpoints.
  void Derive(const ObjectKey& key, StoreDelta& delta);
  void SetPod(const ObjectKey& key, std::optional<PodState> after, StoreDelta& delta);
  void IndexNamespace(const std::string& name, const Labels& labels);
  void UnindexNamespace(const std::string& name, const Labels& labels);
  std::shared_ptr<const Labels> Intern(const Labels& labels);

  std::map<std::string, Labels, std::less<>> namespaces_;
  std::map<ObjectKey, PodObject> pod_objects_;
  std::map<ObjectKey, std::shared_ptr<const NetworkPolicy>> policies_;
  std::map<AttachmentId, EndpointState> endpoints_;
  std::map<ObjectKey, std::vector<AttachmentId>> endpoints_of_;  // sorted
  // Invariant: derived from the maps above.
  std::map<ObjectKey, PodState> pods_;
  PodIndex index_;
  std::unordered_map<uint64_t, std::set<std::string>> namespaces_by_label_;  // by HashOf
  std::unordered_set<std::shared_ptr<const Labels>, LabelsHash, SameLabels> label_sets_;
};

}  // namespace sluice::store
