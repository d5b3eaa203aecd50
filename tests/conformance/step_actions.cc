#include "tests/conformance/step_actions.h"

#include "ofctl/base/result.h"

namespace sluice::conformance {
namespace {

using Events = std::vector<store::StoreEvent>;

struct ActionContext {
  const Value& json;
  const FieldPath& path;
  const ClusterState& state;
  const ClusterState& listed;
};

FieldResult<Events> PutPolicy(const ActionContext& action) {
  SLUICE_ASSIGN_OR_RETURN(const Value* policy, RequiredObject(action.json, action.path, "policy"));
  const FieldPath at = action.path.Child("policy");
  SLUICE_ASSIGN_OR_RETURN(store::NetworkPolicy parsed, ParsePolicy(*policy, at));
  return Events{PutEvent(std::move(parsed))};
}

FieldResult<Events> DeletePolicy(const ActionContext& action) {
  store::ObjectKey key;
  SLUICE_ASSIGN_OR_RETURN(key.ns, RequiredString(action.json, action.path, "namespace"));
  SLUICE_ASSIGN_OR_RETURN(key.name, RequiredString(action.json, action.path, "name"));
  return Events{DeleteEvent(store::ObjectKind::kNetworkPolicy, key)};
}

FieldResult<Events> PutNamespace(const ActionContext& action) {
  SLUICE_ASSIGN_OR_RETURN(const std::string name,
                          RequiredString(action.json, action.path, "namespace"));
  SLUICE_ASSIGN_OR_RETURN(const Value* labels, RequiredObject(action.json, action.path, "labels"));
  const FieldPath at = action.path.Child("labels");
  SLUICE_ASSIGN_OR_RETURN(store::Namespace ns, MakeNamespace(name, *labels, at));
  return Events{PutEvent(std::move(ns))};
}

// Takes everything in it along, as the namespace controller does.
FieldResult<Events> DeleteNamespace(const ActionContext& action) {
  SLUICE_ASSIGN_OR_RETURN(const std::string name,
                          RequiredString(action.json, action.path, "namespace"));
  Events events;
  for (const auto& [key, policy] : action.state.policies) {
    if (key.ns == name) events.push_back(DeleteEvent(store::ObjectKind::kNetworkPolicy, key));
  }
  for (const auto& [key, pod] : action.state.pods) {
    if (key.ns == name) events.push_back(DeleteEvent(store::ObjectKind::kPod, key));
  }
  events.push_back(DeleteEvent(store::ObjectKind::kNamespace, {"", name}));
  return events;
}

FieldResult<store::ObjectKey> PodKey(const ActionContext& action) {
  store::ObjectKey key;
  SLUICE_ASSIGN_OR_RETURN(key.ns, RequiredString(action.json, action.path, "namespace"));
  SLUICE_ASSIGN_OR_RETURN(key.name, RequiredString(action.json, action.path, "pod"));
  return key;
}

// `from`: where the rest of the pod is known from.
FieldResult<Events> PutPod(const ActionContext& action, const ClusterState& from) {
  SLUICE_ASSIGN_OR_RETURN(const store::ObjectKey key, PodKey(action));
  const auto known = from.pods.find(key);
  if (known == from.pods.end()) {
    return decode::ErrorAt(action.path, "no state says what pod " + key.ToString() + " is like");
  }
  SLUICE_ASSIGN_OR_RETURN(const Value* labels, RequiredObject(action.json, action.path, "labels"));
  const FieldPath at = action.path.Child("labels");
  store::Pod pod = known->second;
  SLUICE_ASSIGN_OR_RETURN(pod.labels, ParseLabels(*labels, at));
  return Events{PutEvent(std::move(pod))};
}

FieldResult<Events> DeletePod(const ActionContext& action) {
  SLUICE_ASSIGN_OR_RETURN(const store::ObjectKey key, PodKey(action));
  return Events{DeleteEvent(store::ObjectKind::kPod, key)};
}

}  // namespace

FieldResult<Events> ParseAction(const Value& json, const FieldPath& path, const ClusterState& state,
                                const ClusterState& listed) {
  SLUICE_ASSIGN_OR_RETURN(const Value* object, AsObject(json, path));
  SLUICE_ASSIGN_OR_RETURN(const std::string type, RequiredString(*object, path, "type"));
  const ActionContext action{*object, path, state, listed};
  if (type == "create-policy" || type == "update-policy") return PutPolicy(action);
  if (type == "delete-policy") return DeletePolicy(action);
  if (type == "create-namespace" || type == "set-namespace-labels") return PutNamespace(action);
  if (type == "delete-namespace") return DeleteNamespace(action);
  if (type == "create-pod") return PutPod(action, listed);
  if (type == "set-pod-labels") return PutPod(action, state);
  if (type == "delete-pod") return DeletePod(action);
  return decode::ErrorAt(path.Child("type"), "no such action: " + decode::Quoted(type));
}

FieldResult<ClusterState> StateBefore(const Value& actions, const FieldPath& path,
                                      const ClusterState& after) {
  ClusterState before = after;
  for (rapidjson::SizeType i = 0; i < actions.Size(); ++i) {
    const FieldPath at = path.Index(i);
    SLUICE_ASSIGN_OR_RETURN(const Value* action, AsObject(actions[i], at));
    SLUICE_ASSIGN_OR_RETURN(const std::string type, RequiredString(*action, at, "type"));
    if (!type.starts_with("create-")) continue;
    SLUICE_ASSIGN_OR_RETURN(const Events events, ParseAction(*action, at, after, after));
    for (const store::StoreEvent& event : events) before.Apply(DeleteEvent(event.kind, event.key));
  }
  return before;
}

}  // namespace sluice::conformance
