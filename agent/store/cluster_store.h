// ClusterStore: what the cluster and this node's endpoints look like, and what each event changed.
//
// Objects (from a source) and endpoints (from CNI and OVSDB) meet here: an endpoint is open only
// while the pod object it belongs to is known and on the pod network; without one nothing can say
// which policies select it, so it stays closed. Pure; the end state does not depend on the order of
// events.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/store/endpoint.h"
#include "agent/store/objects.h"
#include "agent/store/owned_set.h"
#include "agent/store/pod_index.h"
#include "agent/store/pod_state.h"
#include "agent/store/selector_pool.h"
#include "agent/store/sharded.h"
#include "agent/store/small_set.h"

namespace sluice::store {

enum class Gate : uint8_t { kClosed, kOpen };

struct EndpointState {
  Endpoint endpoint;
  Gate gate = Gate::kClosed;

  friend bool operator==(const EndpointState&, const EndpointState&) = default;
};

struct PodChange {
  std::optional<PodState> before;   // absent: was not there
  const PodState* after = nullptr;  // in the store, until it changes again; null: is gone
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
  using Namespaces = std::unordered_map<std::string, Labels>;

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
  const NetworkPolicy* FindPolicy(const ObjectKey& key) const;

  size_t pod_count() const { return on_network_; }
  // In no order.
  template <typename Visit>
  void ForEachPod(Visit visit) const {
    for (const auto& record : pods_) {
      if (record->on_network) visit(record->state);
    }
  }
  const std::map<AttachmentId, EndpointState>& endpoints() const { return endpoints_; }
  const Namespaces& namespaces() const { return namespaces_; }
  size_t policy_count() const { return policies_.size(); }
  // In no order.
  template <typename Visit>
  void ForEachPolicy(Visit visit) const {
    for (const auto& policy : policies_) visit(*policy);
  }

  // Calls visit(const PodGroup&) for the groups of pods in the scope; candidates (PodScope).
  template <typename Visit>
  void ForEachPodGroup(const PodScope& scope, Visit visit) const {
    if (scope.where != PodScope::Where::kLabelledNamespaces) return index_.ForEachIn(scope, visit);
    const auto namespaces = namespaces_by_label_.find(scope.ns);
    if (namespaces == namespaces_by_label_.end()) return;
    namespaces->second.ForEach([&](const std::string& ns) {
      index_.ForEachIn({PodScope::Where::kNamespace, HashOf(ns), scope.label}, visit);
    });
  }
  // Nobody, one, or for a moment several: a pod that is gone elsewhere and not yet heard of as
  // gone.
  PodList PodsAt(const IpAddress& address) const { return index_.At(address); }
  template <typename Visit>
  void ForEachPodInNamespace(const std::string& ns, Visit visit) const {
    index_.ForEachIn({PodScope::Where::kNamespace, HashOf(ns), std::nullopt},
                     [&](const PodGroup& group) {
                       if (group.ns != ns) return;  // found by hash
                       group.pods.ForEach([&](const PodState* pod) { visit(*pod); });
                     });
  }

 private:
  struct ByContent {
    static const Labels& KeyOf(const Labels& labels) { return labels; }
    static uint64_t HashOf(const Labels& labels);
  };

  // What a source says of a pod, the endpoints it has here, and what follows from them. Kept small:
  // there are as many as the cluster has, not as this node has.
  struct PodRecord {
    PodState state;                         // beyond its key of meaning while `on_network`
    bool on_network = false;                // it has an address of its own
    std::vector<EndpointState*> endpoints;  // sorted by id
    // The object, beside its key; of meaning while `is_known`. If not, there are endpoints.
    bool is_known = false;
    HostNetwork host_network = HostNetwork::kNo;
    PodPhase phase = PodPhase::kPending;
    std::shared_ptr<const Labels> labels;  // equal ones are one object
    std::string uid;
    std::string node;
    std::vector<IpAddress> ips;
    std::vector<ContainerPort> ports;

    bool Is(const Pod& pod) const;
  };
  struct ByName {
    static const ObjectKey& KeyOf(const PodRecord& record) { return record.state.key; }
    static uint64_t HashOf(const ObjectKey& key) { return ObjectKeyHash()(key); }
  };
  struct ByKey {
    static const ObjectKey& KeyOf(const NetworkPolicy& policy) { return policy.key; }
    static uint64_t HashOf(const ObjectKey& key) { return ObjectKeyHash()(key); }
  };
  // Of a pod: where its open endpoints say it is.
  struct Attached {
    Locality locality = Locality::kRemote;
    std::vector<IpAddress> ips;  // in any order
  };

  StoreDelta ApplyNamespace(const StoreEvent& event);
  StoreDelta ApplyPod(const StoreEvent& event);
  StoreDelta ApplyPolicy(const StoreEvent& event);
  // Null while no source knows the pod.
  const PodRecord* FindKnown(const ObjectKey& key) const;
  PodRecord& RecordOf(const ObjectKey& key);
  // Derives the pod's state and the gates of its endpoints from its object and them. A record of
  // which nothing is left is dropped.
  void Derive(PodRecord& record, StoreDelta& delta);
  static Attached SetGates(PodRecord& record, StoreDelta& delta);
  void SetState(PodRecord& record, Attached attached, StoreDelta& delta);
  // The pod is not on the pod network (any more).
  void Leave(PodRecord& record, StoreDelta& delta);
  void IndexNamespace(const std::string& name, const Labels& labels);
  void UnindexNamespace(const std::string& name, const Labels& labels);
  std::shared_ptr<const Labels> Intern(const Labels& labels);

  Namespaces namespaces_;
  Sharded<OwnedSet<std::unique_ptr<PodRecord>, ByName>> pods_;
  size_t on_network_ = 0;  // of pods_
  Sharded<OwnedSet<std::shared_ptr<const NetworkPolicy>, ByKey>> policies_;
  std::map<AttachmentId, EndpointState> endpoints_;
  // Invariant: derived from the above.
  PodIndex index_;
  boost::unordered_flat_map<uint64_t, SmallSet<std::string>> namespaces_by_label_;  // by HashOf
  OwnedSet<std::shared_ptr<const Labels>, ByContent> label_sets_;
  SelectorPool selectors_;
};

}  // namespace sluice::store
