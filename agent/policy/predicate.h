// Predicate: one test that a rule in use on this node makes of an address.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "agent/store/cluster_store.h"
#include "agent/store/objects.h"

namespace sluice::policy {

// What a named port of a rule resolves to on some pods: their container port of that name and
// protocol has that number (netpol rules 31, 35).
using NamedPort = store::ContainerPort;

// "A pod of this node in namespace `ns` that `pods` selects [and that defines the port]." Local
// pods only: otherwise a remote pod that shares the labels of an isolated local one would be judged
// here as a subject.
struct SubjectPredicate {
  std::string ns;
  store::LabelSelector pods;
  std::optional<NamedPort> port = std::nullopt;
  friend auto operator<=>(const SubjectPredicate&, const SubjectPredicate&) = default;
};

struct AnyNamespace {
  friend auto operator<=>(const AnyNamespace&, const AnyNamespace&) = default;
};

// "A pod that `pods` selects [and that defines the port], in namespace `ns`, in a namespace that
// `namespaces` selects, or in whatever namespace, known or not."
struct PodPredicate {
  std::variant<std::string, store::LabelSelector, AnyNamespace> namespaces;
  store::LabelSelector pods;
  std::optional<NamedPort> port = std::nullopt;
  friend auto operator<=>(const PodPredicate&, const PodPredicate&) = default;
};

// "A pod that defines the port, by an address in the block": only pods have named ports (netpol
// rule 32).
struct PodInBlockPredicate {
  store::IpBlock block;
  NamedPort port;
  friend auto operator<=>(const PodInBlockPredicate&, const PodInBlockPredicate&) = default;
};

// An IpBlock: "an address in the block", whoever has it (netpol rule 24).
using Predicate = std::variant<SubjectPredicate, PodPredicate, store::IpBlock, PodInBlockPredicate>;

// The same text for the same predicate, in every build; part of what ids are derived from.
std::string ToString(const Predicate& predicate);
std::string ToString(const SubjectPredicate& predicate);

// Whether a pod satisfies it. `namespace_labels` is null while the namespace is not known: then no
// namespaceSelector holds, not even one that asks for the absence of a label.
bool Holds(const Predicate& predicate, const store::PodState& pod,
           const store::Labels* namespace_labels);

// The two halves of Holds: what it asks of namespace and labels, the same for all pods of a group;
// and what it asks of the pod itself.
bool SelectsGroup(const Predicate& predicate, const std::string& ns, const store::Labels& labels,
                  const store::Labels* namespace_labels);
bool SelectsPod(const Predicate& predicate, const store::PodState& pod);

// Whether what holds for a pod holds for this address of it: a block may have one and not another.
bool Covers(const Predicate& predicate, const IpAddress& address);

// Where all pods are that it holds for: what it is indexed by.
store::PodScope ScopeOf(const Predicate& predicate);

struct PredicateHash {
  size_t operator()(const SubjectPredicate& predicate) const;
  size_t operator()(const Predicate& predicate) const;
};

}  // namespace sluice::policy
