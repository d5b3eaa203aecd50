#include "tests/conformance/cluster_case.h"

namespace sluice::conformance {
namespace {

template <typename Map, typename Key>
void Set(Map& map, const Key& key, const std::optional<store::Object>& object) {
  if (object) {
    map.insert_or_assign(key, std::get<typename Map::mapped_type>(*object));
  } else {
    map.erase(key);
  }
}

}  // namespace

void ClusterState::Apply(const store::StoreEvent& event) {
  switch (event.kind) {
    case store::ObjectKind::kNamespace:
      return Set(namespaces, event.key.name, event.object);
    case store::ObjectKind::kPod:
      return Set(pods, event.key, event.object);
    case store::ObjectKind::kNetworkPolicy:
      return Set(policies, event.key, event.object);
    case store::ObjectKind::kNode:
      return;
  }
}

std::vector<store::StoreEvent> ClusterState::Events() const {
  std::vector<store::StoreEvent> events;
  for (const auto& [name, ns] : namespaces) events.push_back(PutEvent(ns));
  for (const auto& [key, pod] : pods) events.push_back(PutEvent(pod));
  for (const auto& [key, policy] : policies) events.push_back(PutEvent(policy));
  return events;
}

store::StoreEvent PutEvent(store::Object object) {
  const store::ObjectKind kind = store::KindOf(object);
  store::ObjectKey key = store::KeyOf(object);
  return {kind, std::move(key), std::move(object)};
}

store::StoreEvent DeleteEvent(store::ObjectKind kind, const store::ObjectKey& key) {
  return {kind, key, std::nullopt};
}

std::string_view ToString(View view) {
  switch (view) {
    case View::kCombined:
      return "combined";
    case View::kIngress:
      return "ingress";
    case View::kEgress:
      return "egress";
  }
  return "?";
}

std::string Service::ToString() const {
  return std::string(store::ToString(protocol)) + "/" + std::to_string(port);
}

}  // namespace sluice::conformance
