// Predicate: one test that a rule in use on this node makes of an address.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "agent/store/cluster_store.h"
#include "agent/store/objects.h"

namespace sluice::policy {

// "A pod of this node in namespace `ns` that `pods` selects." Local pods only: otherwise a remote
// pod that shares the labels of an isolated local one would be judged here as a subject.
struct SubjectPredicate {
  std::string ns;
  store::LabelSelector pods;
  friend auto operator<=>(const SubjectPredicate&, const SubjectPredicate&) = default;
};

// "A pod that `pods` selects, in namespace `ns`, or in a namespace that `namespaces` selects."
struct PodPredicate {
  std::variant<std::string, store::LabelSelector> namespaces;
  store::LabelSelector pods;
  friend auto operator<=>(const PodPredicate&, const PodPredicate&) = default;
};

// "An address in the block", whoever has it (netpol rule 24).
using Predicate = std::variant<SubjectPredicate, PodPredicate, store::IpBlock>;

// The same text for the same predicate, in every build; part of what ids are derived from.
std::string ToString(const Predicate& predicate);

// Whether a pod satisfies it. `namespace_labels` is null while the namespace is not known: then no
// namespaceSelector holds, not even one that asks for the absence of a label.
bool Holds(const Predicate& predicate, const store::PodState& pod,
           const store::Labels* namespace_labels);

// A label that every pod it holds for must carry, if there is one: what it is indexed by.
std::optional<std::string> RequiredLabel(const Predicate& predicate);

}  // namespace sluice::policy
