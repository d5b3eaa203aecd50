#include "agent/store/objects.h"

#include <algorithm>

namespace sluice::store {
namespace {

bool Holds(const Requirement& requirement, const Labels& labels) {
  const auto label = labels.find(requirement.key);
  const bool present = label != labels.end();
  const auto in_values = [&] {
    return std::binary_search(requirement.values.begin(), requirement.values.end(), label->second);
  };
  switch (requirement.op) {
    case SelectorOperator::kIn:
      return present && in_values();
    case SelectorOperator::kNotIn:  // an absent key is not in the set (netpol rule 16)
      return !present || !in_values();
    case SelectorOperator::kExists:
      return present;
    case SelectorOperator::kDoesNotExist:
      return !present;
  }
  return false;
}

// An empty value is a value like any other, and not as if there were none.
std::string Join(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) {
    if (!text.empty()) text += ",";
    text += value.empty() ? "\"\"" : value;
  }
  return text;
}

std::string RequirementText(const Requirement& requirement) {
  switch (requirement.op) {
    case SelectorOperator::kIn:
      if (requirement.values.size() == 1) return requirement.key + "=" + requirement.values[0];
      return requirement.key + " in (" + Join(requirement.values) + ")";
    case SelectorOperator::kNotIn:
      return requirement.key + " notin (" + Join(requirement.values) + ")";
    case SelectorOperator::kExists:
      return requirement.key;
    case SelectorOperator::kDoesNotExist:
      return "!" + requirement.key;
  }
  return "";
}

template <typename T>
void SortUnique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

std::string_view ToString(Protocol protocol) {
  switch (protocol) {
    case Protocol::kTcp:
      return "TCP";
    case Protocol::kUdp:
      return "UDP";
    case Protocol::kSctp:
      return "SCTP";
  }
  return "?";
}

std::string_view ToString(Direction direction) {
  return direction == Direction::kIngress ? "ingress" : "egress";
}

std::string_view ToString(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kNamespace:
      return "Namespace";
    case ObjectKind::kPod:
      return "Pod";
    case ObjectKind::kNetworkPolicy:
      return "NetworkPolicy";
    case ObjectKind::kNode:
      return "Node";
  }
  return "?";
}

bool LabelSelector::Matches(const Labels& labels) const {
  return std::all_of(requirements.begin(), requirements.end(),
                     [&](const Requirement& requirement) { return Holds(requirement, labels); });
}

void LabelSelector::Normalize() {
  for (Requirement& requirement : requirements) SortUnique(requirement.values);
  SortUnique(requirements);
}

std::string LabelSelector::ToString() const {
  std::string text;
  for (const Requirement& requirement : requirements) {
    text += (text.empty() ? "" : ",") + RequirementText(requirement);
  }
  return text;
}

bool IpBlock::Contains(const IpAddress& address) const {
  return cidr.Contains(address) &&
         std::none_of(except.begin(), except.end(),
                      [&](const Cidr& hole) { return hole.Contains(address); });
}

std::string IpBlock::ToString() const {
  std::string text = cidr.ToString();
  for (size_t i = 0; i < except.size(); ++i) {
    text += (i == 0 ? " except " : ",") + except[i].ToString();
  }
  return text;
}

ObjectKind KindOf(const Object& object) { return static_cast<ObjectKind>(object.index()); }

ObjectKey KeyOf(const Object& object) {
  if (const auto* ns = std::get_if<Namespace>(&object)) return {"", ns->name};
  if (const auto* pod = std::get_if<Pod>(&object)) return pod->key;
  if (const auto* node = std::get_if<Node>(&object)) return {"", node->name};
  return std::get<NetworkPolicy>(object).key;
}

}  // namespace sluice::store
