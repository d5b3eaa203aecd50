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
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "agent/store/endpoint.h"
#include "agent/store/objects.h"

namespace sluice::store {

enum class Locality : uint8_t { kRemote, kLocal };

// A pod with an address of its own, as policy sees it. Host-network pods and pods that have
// finished are not on the pod network (netpol rules 45b, 51).
struct PodState {
  ObjectKey key;
  std::shared_ptr<const Labels> labels;
  std::vector<IpAddress> ips;  // sorted, unique
  Locality locality = Locality::kRemote;
  std::vector<ContainerPort> named_ports;  // those with a name; sorted, unique

  friend bool operator==(const PodState& a, const PodState& b) {
    return a.key == b.key && *a.labels == *b.labels && a.ips == b.ips && a.locality == b.locality &&
           a.named_ports == b.named_ports;
  }
};

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
  // What differs afterwards; empty when the event says what was known.
  StoreDelta Apply(const StoreEvent& event);
  StoreDelta PutEndpoint(const Endpoint& endpoint);
  StoreDelta RemoveEndpoint(const AttachmentId& id);

  // Null while the namespace is not known: no namespaceSelector matches it then.
  const Labels* NamespaceLabels(const std::string& name) const;
  const PodState* FindPod(const ObjectKey& key) const;
  // The object, also when it is not on the pod network.
  const Pod* FindPodObject(const ObjectKey& key) const;
  const EndpointState* FindEndpoint(const AttachmentId& id) const;

  const std::map<ObjectKey, PodState>& pods() const { return pods_; }
  const std::map<AttachmentId, EndpointState>& endpoints() const { return endpoints_; }
  const std::map<ObjectKey, std::shared_ptr<const NetworkPolicy>>& policies() const {
    return policies_;
  }
  const std::map<std::string, Labels, std::less<>>& namespaces() const { return namespaces_; }

  // Calls visit(const PodState&) for the pods that carry the label key=value.
  template <typename Visit>
  void ForEachPodWithLabel(const std::string& key, const std::string& value, Visit visit) const {
    const auto found = by_label_.find(key + "=" + value);
    if (found == by_label_.end()) return;
    for (const PodState* pod : found->second) visit(*pod);
  }
  template <typename Visit>
  void ForEachPodInNamespace(const std::string& ns, Visit visit) const {
    for (auto it = pods_.lower_bound({ns, ""}); it != pods_.end() && it->first.ns == ns; ++it) {
      visit(it->second);
    }
  }

 private:
  StoreDelta ApplyNamespace(const StoreEvent& event);
  StoreDelta ApplyPod(const StoreEvent& event);
  StoreDelta ApplyPolicy(const StoreEvent& event);
  // Derives pods_[key] and the gates of its endpoints from objects and endpoints.
  void Derive(const ObjectKey& key, StoreDelta& delta);
  void SetPod(const ObjectKey& key, std::optional<PodState> after, StoreDelta& delta);
  std::shared_ptr<const Labels> Intern(const Labels& labels);

  std::map<std::string, Labels, std::less<>> namespaces_;
  std::map<ObjectKey, Pod> pod_objects_;
  std::map<ObjectKey, std::shared_ptr<const NetworkPolicy>> policies_;
  std::map<AttachmentId, EndpointState> endpoints_;
  std::map<ObjectKey, std::vector<AttachmentId>> endpoints_of_;  // sorted
  // Invariant: derived from the maps above.
  std::map<ObjectKey, PodState> pods_;
  std::unordered_map<std::string, std::unordered_set<const PodState*>> by_label_;
  std::map<Labels, std::weak_ptr<const Labels>> label_sets_;
};

}  // namespace sluice::store
