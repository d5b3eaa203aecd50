#include "agent/store/pod_index.h"

#include <algorithm>
#include <cstring>

namespace sluice::store {

size_t PodIndex::AddressHash::operator()(const IpAddress& address) const {
  uint64_t halves[2];
  static_assert(sizeof halves == sizeof(IpAddress::Bytes));
  std::memcpy(halves, address.bytes().data(), sizeof halves);
  return CombineHash(CombineHash(static_cast<uint64_t>(address.family()), halves[0]), halves[1]);
}

PodGroup& PodIndex::GroupOf(const PodState& pod) {
  const auto known = groups_.find({pod.key.ns, pod.labels.get()});
  if (known != groups_.end()) return *known->second;
  auto fresh = std::make_unique<PodGroup>(PodGroup{pod.key.ns, pod.labels, {}, 0});
  PodGroup& group = *fresh;
  groups_.emplace(Identity{group.ns, group.labels.get()}, std::move(fresh));
  ForEachScopeOf(group.ns, *group.labels, nullptr,
                 [&](const PodScope& scope) { by_scope_[scope].insert(&group); });
  return group;
}

void PodIndex::DropGroup(const PodGroup& group) {
  ForEachScopeOf(group.ns, *group.labels, nullptr, [&](const PodScope& scope) {
    const auto bucket = by_scope_.find(scope);
    if (bucket == by_scope_.end()) return;  // two labels with one hash
    bucket->second.erase(&group);
    if (bucket->second.empty()) by_scope_.erase(bucket);
  });
  groups_.erase({group.ns, group.labels.get()});
}

void PodIndex::Insert(const PodState& pod) {
  PodGroup& group = GroupOf(pod);
  group.pods.insert(&pod);
  if (pod.locality == Locality::kLocal) ++group.local;
  for (const IpAddress& ip : pod.ips) by_address_.emplace(ip, &pod);
}

void PodIndex::Erase(const PodState& pod) {
  PodGroup& group = GroupOf(pod);
  group.pods.erase(&pod);
  if (pod.locality == Locality::kLocal) --group.local;
  if (group.pods.empty()) DropGroup(group);
  for (const IpAddress& ip : pod.ips) {
    const auto [first, last] = by_address_.equal_range(ip);
    by_address_.erase(
        std::find_if(first, last, [&pod](const auto& item) { return item.second == &pod; }));
  }
}

std::vector<const PodState*> PodIndex::At(const IpAddress& address) const {
  std::vector<const PodState*> pods;
  const auto [first, last] = by_address_.equal_range(address);
  for (auto it = first; it != last; ++it) pods.push_back(it->second);
  return pods;
}

}  // namespace sluice::store
