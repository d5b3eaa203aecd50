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
  const auto known = groups_.find(Identity{pod.key.ns, pod.labels.get()});
  if (known != groups_.end()) return **known;
  auto fresh = std::make_unique<PodGroup>(PodGroup{pod.key.ns, pod.labels, {}, 0});
  PodGroup& group = *fresh;
  groups_.insert(std::move(fresh));
  ForEachScopeOf(group.ns, *group.labels, nullptr,
                 [&](const PodScope& scope) { by_scope_[HashOf(scope)].Insert(&group); });
  return group;
}

void PodIndex::DropGroup(const PodGroup& group) {
  ForEachScopeOf(group.ns, *group.labels, nullptr, [&](const PodScope& scope) {
    const auto bucket = by_scope_.find(HashOf(scope));
    if (bucket == by_scope_.end()) return;  // two labels with one hash
    bucket->second.Erase(&group);
    if (bucket->second.empty()) by_scope_.erase(bucket);
  });
  groups_.erase(groups_.find(Identity{group.ns, group.labels.get()}));
}

void PodIndex::Insert(const PodState& pod) {
  PodGroup& group = GroupOf(pod);
  group.pods.Insert(&pod);
  if (pod.locality == Locality::kLocal) ++group.local;
  for (const IpAddress& ip : pod.ips) {
    if (!by_address_.try_emplace(ip, &pod).second) also_at_.emplace(ip, &pod);
  }
}

void PodIndex::Erase(const PodState& pod) {
  PodGroup& group = GroupOf(pod);
  group.pods.Erase(&pod);
  if (pod.locality == Locality::kLocal) --group.local;
  if (group.pods.empty()) DropGroup(group);
  for (const IpAddress& ip : pod.ips) EraseAddress(ip, pod);
}

void PodIndex::EraseAddress(const IpAddress& address, const PodState& pod) {
  const auto [first, last] = also_at_.equal_range(address);
  const auto also = std::find_if(first, last, [&](const auto& at) { return at.second == &pod; });
  if (also != last) {
    also_at_.erase(also);
    return;
  }
  const auto at = by_address_.find(address);
  if (first == last) {
    by_address_.erase(at);
    return;
  }
  at->second = first->second;
  also_at_.erase(first);
}

PodList PodIndex::At(const IpAddress& address) const {
  PodList pods;
  const auto at = by_address_.find(address);
  if (at == by_address_.end()) return pods;
  pods.push_back(at->second);
  if (also_at_.empty()) return pods;
  const auto [first, last] = also_at_.equal_range(address);
  for (auto also = first; also != last; ++also) pods.push_back(also->second);
  return pods;
}

}  // namespace sluice::store
