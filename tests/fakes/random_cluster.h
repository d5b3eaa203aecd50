// RandomCluster: an endless stream of events of a small, crowded cluster, the same for the same
// seed. Small, so that selectors, prefixes and addresses meet by chance all the time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "agent/policy/policy_engine.h"
#include "agent/store/endpoint.h"
#include "agent/store/objects.h"

namespace sluice::fakes {

using ClusterEvent = std::variant<store::StoreEvent, store::Endpoint, store::AttachmentId>;

std::string ToString(const ClusterEvent& event);

// What the cluster is after some events.
struct ClusterState {
  std::map<std::pair<store::ObjectKind, store::ObjectKey>, store::Object> objects;
  std::map<store::AttachmentId, store::Endpoint> endpoints;

  void Apply(const ClusterEvent& event);
  // One event for each thing there is.
  std::vector<ClusterEvent> Events() const;
};

class RandomCluster {
 public:
  enum class Addresses : uint8_t { kUnique, kShared };
  struct Spec {
    uint32_t seed = 0;
    // kShared: now and then two pods have one address, and some pods an IPv6 address as well.
    Addresses addresses = Addresses::kShared;
  };
  explicit RandomCluster(const Spec& spec) : spec_(spec), random_(spec.seed) {}

  // Makes something come, change or go.
  ClusterEvent Next();
  const ClusterState& state() const { return state_; }

  // A connection between addresses of pods, of their neighbourhood, or of nobody.
  policy::Connection SomeConnection();
  // Uniform in [0, bound).
  uint32_t Below(uint32_t bound);

 private:
  bool Chance(uint32_t percent) { return Below(100) < percent; }
  template <typename T>
  const T& OneOf(const std::vector<T>& values) {
    return values[Below(static_cast<uint32_t>(values.size()))];
  }
  store::ObjectKey SomePodKey();
  IpAddress AddressOf(const store::ObjectKey& pod);
  IpAddress SomeAddress();
  store::Labels SomeLabels();
  store::LabelSelector SomeSelector();
  store::IpBlock SomeBlock();
  store::Peer SomePeer();
  store::PolicyPort SomePort();
  std::vector<store::PolicyRule> SomeRules();
  ClusterEvent NamespaceEvent();
  ClusterEvent PodEvent();
  ClusterEvent PolicyEvent();
  ClusterEvent EndpointEvent();

  Spec spec_;
  std::mt19937 random_;
  ClusterState state_;
};

}  // namespace sluice::fakes
