// PodIndex: pods by what selectors ask for, and by address.
//
// Selectors cannot tell apart the pods of one namespace that carry the same labels: they are one
// group, and a selector is tried on groups. Pure.
#pragma once

#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "agent/store/owned_set.h"
#include "agent/store/pod_scope.h"
#include "agent/store/pod_state.h"
#include "agent/store/sharded.h"
#include "agent/store/small_set.h"

namespace sluice::store {

struct PodGroup {
  std::string ns;
  std::shared_ptr<const Labels> labels;
  SmallSet<const PodState*> pods;  // never empty
  size_t local = 0;                // how many of them are of this node
};

using PodList = boost::container::small_vector<const PodState*, 2>;

class PodIndex {
 public:
  // The pod must stay where it is, and what it is, until it is erased. Labels that are equal must
  // be one object.
  void Insert(const PodState& pod);
  void Erase(const PodState& pod);

  // Calls visit(const PodGroup&) for the candidates in a scope: anywhere, or in one namespace.
  template <typename Visit>
  void ForEachIn(const PodScope& scope, Visit visit) const {
    const auto groups = by_scope_.find(HashOf(scope));
    if (groups == by_scope_.end()) return;
    groups->second.ForEach([&](const PodGroup* group) { visit(*group); });
  }
  PodList At(const IpAddress& address) const;

 private:
  using Identity = std::pair<std::string_view, const Labels*>;
  struct ByIdentity {
    static Identity KeyOf(const PodGroup& group) { return {group.ns, group.labels.get()}; }
    static uint64_t HashOf(const Identity& identity) {
      return CombineHash(store::HashOf(identity.first),
                         reinterpret_cast<uintptr_t>(identity.second));
    }
  };
  struct AddressHash {
    size_t operator()(const IpAddress& address) const;
  };

  PodGroup& GroupOf(const PodState& pod);
  void DropGroup(const PodGroup& group);
  void EraseAddress(const IpAddress& address, const PodState& pod);

  Sharded<OwnedSet<std::unique_ptr<PodGroup>, ByIdentity>> groups_;
  boost::unordered_flat_map<uint64_t, SmallSet<const PodGroup*>> by_scope_;
  // An address is one pod's; the others that have it for a moment are in also_at_.
  Sharded<boost::unordered_flat_map<IpAddress, const PodState*, AddressHash>> by_address_;
  std::unordered_multimap<IpAddress, const PodState*, AddressHash> also_at_;
};

}  // namespace sluice::store
