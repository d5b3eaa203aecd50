#include "agent/policy/predicate.h"

namespace sluice::policy {
namespace {

using store::LabelSelector;

struct Evaluation {
  const store::PodState& pod;
  const store::Labels* namespace_labels;

  bool operator()(const SubjectPredicate& subject) const {
    return pod.locality == store::Locality::kLocal && pod.key.ns == subject.ns &&
           subject.pods.Matches(*pod.labels);
  }
  bool operator()(const PodPredicate& peer) const {
    if (const auto* ns = std::get_if<std::string>(&peer.namespaces)) {
      if (pod.key.ns != *ns) return false;
    } else if (namespace_labels == nullptr ||
               !std::get<LabelSelector>(peer.namespaces).Matches(*namespace_labels)) {
      return false;
    }
    return peer.pods.Matches(*pod.labels);
  }
  // Blocks hold for addresses, not for pods: AddressClasses knows which.
  bool operator()(const store::IpBlock&) const { return false; }
};

std::optional<std::string> RequiredLabelOf(const LabelSelector& selector) {
  for (const store::Requirement& requirement : selector.requirements) {
    if (requirement.op == store::SelectorOperator::kIn && requirement.values.size() == 1) {
      return requirement.key + "=" + requirement.values.front();
    }
  }
  return std::nullopt;
}

}  // namespace

std::string ToString(const Predicate& predicate) {
  if (const auto* subject = std::get_if<SubjectPredicate>(&predicate)) {
    return "subject " + subject->ns + "/{" + subject->pods.ToString() + "}";
  }
  if (const auto* peer = std::get_if<PodPredicate>(&predicate)) {
    const auto* ns = std::get_if<std::string>(&peer->namespaces);
    const std::string where =
        ns != nullptr ? *ns : "{" + std::get<LabelSelector>(peer->namespaces).ToString() + "}";
    return "pods " + where + "/{" + peer->pods.ToString() + "}";
  }
  return "block " + std::get<store::IpBlock>(predicate).ToString();
}

bool Holds(const Predicate& predicate, const store::PodState& pod,
           const store::Labels* namespace_labels) {
  return std::visit(Evaluation{pod, namespace_labels}, predicate);
}

std::optional<std::string> RequiredLabel(const Predicate& predicate) {
  if (const auto* subject = std::get_if<SubjectPredicate>(&predicate)) {
    return RequiredLabelOf(subject->pods);
  }
  if (const auto* peer = std::get_if<PodPredicate>(&predicate)) return RequiredLabelOf(peer->pods);
  return std::nullopt;
}

}  // namespace sluice::policy
