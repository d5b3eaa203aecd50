#include "agent/decode/network_policy_decoder.h"

#include <algorithm>

#include "agent/decode/ip_block_decoder.h"
#include "agent/decode/label_selector_decoder.h"
#include "agent/decode/object_meta.h"
#include "agent/decode/policy_port_decoder.h"
#include "ofctl/base/result.h"

namespace sluice::decode {
namespace {

using store::Direction;
using store::Peer;
using store::PolicyPort;
using store::PolicyRule;
using Rules = std::vector<PolicyRule>;

FieldResult<std::optional<store::LabelSelector>> OptionalSelector(const rapidjson::Value& peer,
                                                                  const FieldPath& path,
                                                                  std::string_view name,
                                                                  Validation validation) {
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Value* json, ObjectField(peer, path, name));
  if (json == nullptr) return std::optional<store::LabelSelector>();
  SLUICE_ASSIGN_OR_RETURN(auto selector, DecodeLabelSelector(*json, path.Child(name), validation));
  return std::optional(std::move(selector));
}

FieldResult<Peer> DecodePeer(const rapidjson::Value& json, const FieldPath& path,
                             Validation validation) {
  if (!json.IsObject()) return WrongType(path, "an object", json);
  if (validation == Validation::kCreate) {
    if (auto unknown = UnknownField(json, path, {"podSelector", "namespaceSelector", "ipBlock"}))
      return *unknown;
  }
  Peer peer;
  SLUICE_ASSIGN_OR_RETURN(peer.pod_selector,
                          OptionalSelector(json, path, "podSelector", validation));
  SLUICE_ASSIGN_OR_RETURN(peer.namespace_selector,
                          OptionalSelector(json, path, "namespaceSelector", validation));
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Value* block, ObjectField(json, path, "ipBlock"));
  if (block != nullptr) {
    if (peer.pod_selector || peer.namespace_selector) {
      return ErrorAt(path, "an ipBlock cannot stand beside a podSelector or namespaceSelector");
    }
    SLUICE_ASSIGN_OR_RETURN(peer.ip_block,
                            DecodeIpBlock(*block, path.Child("ipBlock"), validation));
  } else if (!peer.pod_selector && !peer.namespace_selector) {
    return ErrorAt(path, "a peer needs a podSelector, a namespaceSelector or an ipBlock");
  }
  return peer;
}

FieldResult<PolicyPort> DecodePort(const rapidjson::Value& json, const FieldPath& path,
                                   Validation validation) {
  if (validation == Validation::kCreate && json.IsObject()) {
    if (auto unknown = UnknownField(json, path, {"protocol", "port", "endPort"})) return *unknown;
  }
  return DecodePolicyPort(json, path);
}

// A list of a rule: absent means any, and so does an empty one.
struct RuleList {
  std::string_view name;
  Validation validation;
};

// Absent: the list had items and none of them makes sense, so the rule allows nothing.
template <typename T, typename DecodeItem>
FieldResult<std::optional<std::vector<T>>> DecodeRuleList(const rapidjson::Value& rule,
                                                          const FieldPath& path, RuleList list,
                                                          DecodeItem decode_item) {
  std::vector<T> items;
  auto json = ListField(rule, path, list.name);
  if (!json.ok()) {
    if (list.validation == Validation::kStored) return std::optional<std::vector<T>>();
    return json.error();
  }
  const rapidjson::Value* array = json.value();
  if (array == nullptr || array->Empty()) return std::optional(std::move(items));
  const FieldPath list_path = path.Child(list.name);
  for (rapidjson::SizeType i = 0; i < array->Size(); ++i) {
    auto item = decode_item((*array)[i], list_path.Index(i), list.validation);
    if (item.ok()) {
      items.push_back(std::move(item).value());
    } else if (list.validation == Validation::kCreate) {
      return item.error();
    }
  }
  if (items.empty()) return std::optional<std::vector<T>>();
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  return std::optional(std::move(items));
}

// Absent: the rule allows nothing (kStored only).
FieldResult<std::optional<PolicyRule>> DecodeRule(const rapidjson::Value& json,
                                                  const FieldPath& path, Direction direction,
                                                  Validation validation) {
  if (!json.IsObject()) return WrongType(path, "an object", json);
  const std::string_view peers_name = direction == Direction::kIngress ? "from" : "to";
  if (validation == Validation::kCreate) {
    if (auto unknown = UnknownField(json, path, {peers_name, "ports"})) return *unknown;
  }
  SLUICE_ASSIGN_OR_RETURN(auto peers,
                          DecodeRuleList<Peer>(json, path, {peers_name, validation}, DecodePeer));
  SLUICE_ASSIGN_OR_RETURN(
      auto ports, DecodeRuleList<PolicyPort>(json, path, {"ports", validation}, DecodePort));
  if (!peers || !ports) return std::optional<PolicyRule>();
  return std::optional(PolicyRule{std::move(*peers), std::move(*ports)});
}

FieldResult<Rules> DecodeRules(const rapidjson::Value& spec, const FieldPath& path,
                               Direction direction, Validation validation) {
  const std::string_view name = store::ToString(direction);
  Rules rules;
  const rapidjson::Value* list = FindField(spec, name);
  if (list == nullptr) return rules;
  const FieldPath list_path = path.Child(name);
  if (!list->IsArray()) {
    if (validation == Validation::kStored) return rules;
    return WrongType(list_path, "a list", *list);
  }
  for (rapidjson::SizeType i = 0; i < list->Size(); ++i) {
    const FieldPath item = list_path.Index(i);
    if ((*list)[i].IsNull() && validation == Validation::kCreate) {
      return ErrorAt(item, "the list item is empty; write {} to allow everything");
    }
    auto rule = DecodeRule((*list)[i], item, direction, validation);
    if (!rule.ok() && validation == Validation::kCreate) return rule.error();
    if (rule.ok() && rule.value()) rules.push_back(std::move(*rule.value()));
  }
  return rules;
}

struct Directions {
  bool ingress = false;
  bool egress = false;
};

FieldResult<Directions> DecodePolicyTypes(const rapidjson::Value& spec, const FieldPath& path,
                                          Validation validation) {
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Value* list, ListField(spec, path, "policyTypes"));
  if (list == nullptr || list->Empty()) {
    const rapidjson::Value* egress = FindField(spec, "egress");
    return Directions{true, egress != nullptr && egress->IsArray() && !egress->Empty()};
  }
  const FieldPath list_path = path.Child("policyTypes");
  Directions directions;
  for (rapidjson::SizeType i = 0; i < list->Size(); ++i) {
    const rapidjson::Value& type = (*list)[i];
    if (!type.IsString()) return WrongType(list_path.Index(i), "a string", type);
    if (TextOf(type) == "Ingress") {
      directions.ingress = true;
    } else if (TextOf(type) == "Egress") {
      directions.egress = true;
    } else if (validation == Validation::kCreate) {
      return ErrorAt(list_path.Index(i), Quoted(TextOf(type)) + " is not one of Ingress, Egress");
    }
  }
  if (list->Size() > 2 && validation == Validation::kCreate) {
    return ErrorAt(list_path, "has more than two entries");
  }
  return directions;
}

FieldResult<store::LabelSelector> DecodeSubjects(const rapidjson::Value& spec,
                                                 const FieldPath& path, Validation validation) {
  auto json = ObjectField(spec, path, "podSelector");
  const bool stored = validation == Validation::kStored;
  if (!json.ok() && !stored) return json.error();
  if (!json.ok() || json.value() == nullptr) return store::LabelSelector();
  if (stored) return DecodeStoredSubjects(*json.value());
  return DecodeLabelSelector(*json.value(), path.Child("podSelector"), validation);
}

}  // namespace

FieldResult<store::NetworkPolicy> DecodeNetworkPolicy(const rapidjson::Value& json,
                                                      Validation validation) {
  SLUICE_ASSIGN_OR_RETURN(ObjectMeta meta, DecodeObjectMeta(json, Scope::kNamespaced, validation));
  store::NetworkPolicy policy;
  policy.key = std::move(meta.key);
  const FieldPath root;
  const FieldPath path = root.Child("spec");
  const rapidjson::Value nothing(rapidjson::kObjectType);
  auto found = ObjectField(json, root, "spec");
  if (!found.ok() && validation == Validation::kCreate) return found.error();
  const bool present = found.ok() && found.value() != nullptr;
  const rapidjson::Value& spec = present ? *found.value() : nothing;
  if (validation == Validation::kCreate) {
    if (auto unknown =
            UnknownField(json, root, {"apiVersion", "kind", "metadata", "spec", "status"})) {
      return *unknown;
    }
    if (auto unknown =
            UnknownField(spec, path, {"podSelector", "ingress", "egress", "policyTypes"})) {
      return *unknown;
    }
  }

  SLUICE_ASSIGN_OR_RETURN(policy.pod_selector, DecodeSubjects(spec, path, validation));
  auto types = DecodePolicyTypes(spec, path, validation);
  if (!types.ok() && validation == Validation::kCreate) return types.error();
  // Old and not understood: closed both ways.
  const Directions directions = types.ok() ? types.value() : Directions{true, true};
  SLUICE_ASSIGN_OR_RETURN(Rules ingress, DecodeRules(spec, path, Direction::kIngress, validation));
  SLUICE_ASSIGN_OR_RETURN(Rules egress, DecodeRules(spec, path, Direction::kEgress, validation));
  if (directions.ingress) policy.ingress = std::move(ingress);
  if (directions.egress) policy.egress = std::move(egress);
  return policy;
}

}  // namespace sluice::decode
