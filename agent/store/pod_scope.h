// PodScope: the part of a selector that an index can answer; and what a pod is found by.
//
// By hash: two texts with the same hash are found together. So whatever an index returns is a
// candidate, and whoever asked still asks the selector itself.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "agent/store/objects.h"
#include "ofctl/base/hash.h"

namespace sluice::store {

struct PodScope {
  enum class Where : uint8_t { kAnywhere, kNamespace, kLabelledNamespaces };

  Where where = Where::kAnywhere;
  uint64_t ns = 0;                // HashOf the namespace's name, or of a label it carries
  std::optional<uint64_t> label;  // HashOf a label that the pods carry

  friend bool operator==(const PodScope&, const PodScope&) = default;
};

inline uint64_t HashOf(std::string_view ns) { return std::hash<std::string_view>()(ns); }
inline uint64_t HashOf(std::string_view key, std::string_view value) {
  return CombineHash(HashOf(key), HashOf(value));
}
inline uint64_t HashOf(const Labels::value_type& label) {
  return HashOf(label.first, label.second);
}

// A label that whatever the selector selects must carry, if there is one.
inline std::optional<uint64_t> RequiredLabel(const LabelSelector& selector) {
  for (const Requirement& requirement : selector.requirements()) {
    if (requirement.op == SelectorOperator::kIn && requirement.values.size() == 1) {
      return HashOf(requirement.key, requirement.values.front());
    }
  }
  return std::nullopt;
}

// What indexes are keyed by. One more hash: scopes that share it are found together as well.
inline uint64_t HashOf(const PodScope& scope) {
  const uint64_t where = CombineHash(static_cast<uint64_t>(scope.where), scope.ns);
  return scope.label ? CombineHash(where, *scope.label) : where;
}

// Calls visit(scope) for every scope that a pod with these labels lies in. `namespace_labels` is
// null while the namespace is not known.
template <typename Visit>
void ForEachScopeOf(std::string_view ns, const Labels& labels, const Labels* namespace_labels,
                    Visit visit) {
  boost::container::small_vector<uint64_t, 8> hashes;
  for (const auto& label : labels) hashes.push_back(HashOf(label));
  const auto with_labels = [&](PodScope scope) {
    visit(scope);
    for (const uint64_t hash : hashes) {
      scope.label = hash;
      visit(scope);
    }
  };
  with_labels({.label = std::nullopt});
  with_labels({PodScope::Where::kNamespace, HashOf(ns), std::nullopt});
  if (namespace_labels == nullptr) return;
  for (const auto& label : *namespace_labels) {
    with_labels({PodScope::Where::kLabelledNamespaces, HashOf(label), std::nullopt});
  }
}

}  // namespace sluice::store
