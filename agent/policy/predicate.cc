#include "agent/policy/predicate.h"

#include <algorithm>

namespace sluice::policy {
namespace {

using store::LabelSelector;

bool Defines(const store::PodState& pod, const NamedPort& port) {
  return std::binary_search(pod.named_ports.begin(), pod.named_ports.end(), port);
}

bool DefinesIfAsked(const store::PodState& pod, const std::optional<NamedPort>& port) {
  return !port || Defines(pod, *port);
}

struct Evaluation {
  const store::PodState& pod;
  const store::Labels* namespace_labels;

  bool operator()(const SubjectPredicate& subject) const {
    return pod.locality == store::Locality::kLocal && pod.key.ns == subject.ns &&
           subject.pods.Matches(*pod.labels) && DefinesIfAsked(pod, subject.port);
  }
  bool operator()(const PodPredicate& peer) const {
    if (const auto* ns = std::get_if<std::string>(&peer.namespaces)) {
      if (pod.key.ns != *ns) return false;
    } else if (const auto* selector = std::get_if<LabelSelector>(&peer.namespaces)) {
      if (namespace_labels == nullptr || !selector->Matches(*namespace_labels)) return false;
    }
    return peer.pods.Matches(*pod.labels) && DefinesIfAsked(pod, peer.port);
  }
  // Blocks hold for addresses, not for pods: AddressClasses knows which.
  bool operator()(const store::IpBlock&) const { return false; }
  bool operator()(const PodInBlockPredicate& peer) const {
    return Defines(pod, peer.port) &&
           std::any_of(pod.ips.begin(), pod.ips.end(),
                       [&](const IpAddress& ip) { return peer.block.Contains(ip); });
  }
};

std::optional<std::string> RequiredLabelOf(const LabelSelector& selector) {
  for (const store::Requirement& requirement : selector.requirements) {
    if (requirement.op == store::SelectorOperator::kIn && requirement.values.size() == 1) {
      return requirement.key + "=" + requirement.values.front();
    }
  }
  return std::nullopt;
}

std::string PortText(const std::optional<NamedPort>& port) {
  if (!port) return "";
  return " with port " + port->name + " = " + std::to_string(port->number) + "/" +
         std::string(store::ToString(port->protocol));
}

struct Text {
  std::string operator()(const SubjectPredicate& subject) const {
    return "subject " + subject.ns + "/{" + subject.pods.ToString() + "}" + PortText(subject.port);
  }
  std::string operator()(const PodPredicate& peer) const {
    std::string where = "*";
    if (const auto* ns = std::get_if<std::string>(&peer.namespaces)) where = *ns;
    if (const auto* selector = std::get_if<LabelSelector>(&peer.namespaces)) {
      where = "{" + selector->ToString() + "}";
    }
    return "pods " + where + "/{" + peer.pods.ToString() + "}" + PortText(peer.port);
  }
  std::string operator()(const store::IpBlock& block) const { return "block " + block.ToString(); }
  std::string operator()(const PodInBlockPredicate& peer) const {
    return "pods in block " + peer.block.ToString() + PortText(peer.port);
  }
};

}  // namespace

std::string ToString(const Predicate& predicate) { return std::visit(Text{}, predicate); }

bool Covers(const Predicate& predicate, const IpAddress& address) {
  const auto* peer = std::get_if<PodInBlockPredicate>(&predicate);
  return peer == nullptr || peer->block.Contains(address);
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
