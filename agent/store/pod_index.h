// PodIndex: pods by what selectors ask for, and by address.
//
// Selectors cannot tell apart the pods of one namespace that carry the same labels: they are one
// group, and a selector is tried on groups. Pure.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "agent/store/pod_scope.h"
#include "agent/store/pod_state.h"

namespace sluice::store {

struct PodGroup {
  std::string ns;
  std::shared_ptr<const Labels> labels;
  std::unordered_set<const PodState*> pods;  // never empty
  size_t local = 0;                          // how many of them are of this node
};

class PodIndex {
 public:
  // The pod must stay where it is, and what it is, until it is erased. Labels that are equal must
  // be one object.
  void Insert(const PodState& pod);
  void Erase(const PodState& pod);

  // Calls visit(const PodGroup&) for the candidates in a scope: anywhere, or in one namespace.
  template <typename Visit>
  void ForEachIn(const PodScope& scope, Visit visit) const {
    const auto groups = by_scope_.find(scope);
    if (groups == by_scope_.end()) return;
    for (const PodGroup* group : groups->second) visit(*group);
  }
  std::vector<const PodState*> At(const IpAddress& address) const;

 private:
  using Identity = std::pair<std::string_view, const Labels*>;
  struct IdentityHash {
    size_t operator()(const Identity& identity) const {
      return CombineHash(HashOf(identity.first), reinterpret_cast<uintptr_t>(identity.second));
    }
  };
  struct AddressHash {
    size_t operator()(const IpAddress& address) const;
  };

  PodGroup& GroupOf(const PodState& pod);
  void DropGroup(const PodGroup& group);

  std::unordered_map<Identity, std::unique_ptr<PodGroup>, IdentityHash> groups_;  // by its own text
  std::unordered_map<PodScope, std::unordered_set<const PodGroup*>, PodScopeHash> by_scope_;
  std::unordered_multimap<IpAddress, const PodState*, AddressHash> by_address_;
};

}  // namespace sluice::store
