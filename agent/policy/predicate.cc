#include "agent/policy/predicate.h"

#include <algorithm>

#include "ofctl/base/hash.h"

namespace sluice::policy {
namespace {

using store::LabelSelector;

bool Defines(const store::PodState& pod, const NamedPort& port) {
  return std::binary_search(pod.named_ports.begin(), pod.named_ports.end(), port);
}

bool DefinesIfAsked(const store::PodState& pod, const std::optional<NamedPort>& port) {
  return !port || Defines(pod, *port);
}

struct GroupTest {
  const std::string& ns;
  const store::Labels& labels;
  const store::Labels* namespace_labels;

  bool operator()(const SubjectPredicate& subject) const {
    return ns == subject.ns && subject.pods.Matches(labels);
  }
  bool operator()(const PodPredicate& peer) const {
    if (const auto* in = std::get_if<std::string>(&peer.namespaces)) {
      if (ns != *in) return false;
    } else if (const auto* selector = std::get_if<LabelSelector>(&peer.namespaces)) {
      if (namespace_labels == nullptr || !selector->Matches(*namespace_labels)) return false;
    }
    return peer.pods.Matches(labels);
  }
  // Blocks hold for addresses, not for pods: AddressClasses knows which.
  bool operator()(const store::IpBlock&) const { return false; }
  bool operator()(const PodInBlockPredicate&) const { return true; }
};

struct PodTest {
  const store::PodState& pod;

  bool operator()(const SubjectPredicate& subject) const {
    return pod.locality == store::Locality::kLocal && DefinesIfAsked(pod, subject.port);
  }
  bool operator()(const PodPredicate& peer) const { return DefinesIfAsked(pod, peer.port); }
  bool operator()(const store::IpBlock&) const { return false; }
  bool operator()(const PodInBlockPredicate& peer) const {
    return Defines(pod, peer.port) &&
           std::any_of(pod.ips.begin(), pod.ips.end(),
                       [&](const IpAddress& ip) { return peer.block.Contains(ip); });
  }
};

struct Scope {
  store::PodScope operator()(const SubjectPredicate& subject) const {
    return {store::PodScope::Where::kNamespace, store::HashOf(subject.ns),
            store::RequiredLabel(subject.pods)};
  }
  store::PodScope operator()(const PodPredicate& peer) const {
    const auto label = store::RequiredLabel(peer.pods);
    if (const auto* ns = std::get_if<std::string>(&peer.namespaces)) {
      return {store::PodScope::Where::kNamespace, store::HashOf(*ns), label};
    }
    if (const auto* selector = std::get_if<LabelSelector>(&peer.namespaces)) {
      if (const auto of_namespace = store::RequiredLabel(*selector)) {
        return {store::PodScope::Where::kLabelledNamespaces, *of_namespace, label};
      }
    }
    return {.label = label};
  }
  store::PodScope operator()(const store::IpBlock&) const { return {}; }
  store::PodScope operator()(const PodInBlockPredicate&) const { return {}; }
};

// Of what is most likely to differ; equality looks at the rest.
struct Hash {
  static uint64_t Of(const Cidr& cidr) {
    const auto& bytes = cidr.network().bytes();
    const std::string_view view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return CombineHash(StableHash(view), cidr.length());
  }

  uint64_t operator()(const SubjectPredicate& subject) const {
    return CombineHash(StableHash(subject.ns), subject.pods.hash());
  }
  uint64_t operator()(const PodPredicate& peer) const {
    uint64_t where = 1;
    if (const auto* ns = std::get_if<std::string>(&peer.namespaces)) where = StableHash(*ns);
    if (const auto* selector = std::get_if<LabelSelector>(&peer.namespaces))
      where = selector->hash();
    return CombineHash(where, peer.pods.hash());
  }
  uint64_t operator()(const store::IpBlock& block) const {
    uint64_t hash = Of(block.cidr);
    for (const Cidr& hole : block.except) hash = CombineHash(hash, Of(hole));
    return hash;
  }
  uint64_t operator()(const PodInBlockPredicate& peer) const {
    return CombineHash((*this)(peer.block), peer.port.number);
  }
};

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
std::string ToString(const SubjectPredicate& predicate) { return Text{}(predicate); }

bool Covers(const Predicate& predicate, const IpAddress& address) {
  const auto* peer = std::get_if<PodInBlockPredicate>(&predicate);
  return peer == nullptr || peer->block.Contains(address);
}

bool Holds(const Predicate& predicate, const store::PodState& pod,
           const store::Labels* namespace_labels) {
  return SelectsGroup(predicate, pod.key.ns, *pod.labels, namespace_labels) &&
         SelectsPod(predicate, pod);
}

bool SelectsGroup(const Predicate& predicate, const std::string& ns, const store::Labels& labels,
                  const store::Labels* namespace_labels) {
  return std::visit(GroupTest{ns, labels, namespace_labels}, predicate);
}

bool SelectsPod(const Predicate& predicate, const store::PodState& pod) {
  return std::visit(PodTest{pod}, predicate);
}

store::PodScope ScopeOf(const Predicate& predicate) { return std::visit(Scope{}, predicate); }

size_t PredicateHash::operator()(const SubjectPredicate& predicate) const {
  return Hash{}(predicate);
}

size_t PredicateHash::operator()(const Predicate& predicate) const {
  return CombineHash(predicate.index(), std::visit(Hash{}, predicate));
}

}  // namespace sluice::policy
