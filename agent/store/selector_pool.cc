#include "agent/store/selector_pool.h"

#include <algorithm>

namespace sluice::store {

void SelectorPool::Share(NetworkPolicy& policy) {
  Share(policy.pod_selector);
  for (auto* rules : {&policy.ingress, &policy.egress}) {
    if (!*rules) continue;
    for (PolicyRule& rule : **rules) {
      for (Peer& peer : rule.peers) {
        if (peer.namespace_selector) Share(*peer.namespace_selector);
        if (peer.pod_selector) Share(*peer.pod_selector);
      }
    }
  }
}

void SelectorPool::Share(LabelSelector& selector) {
  if (selector.requirements().empty()) return;
  const auto [known, fresh] = selectors_.insert(selector);
  if (!fresh) selector = *known;
  if (selectors_.size() < sweep_at_) return;
  boost::unordered::erase_if(selectors_, [](const LabelSelector& each) { return !each.shared(); });
  sweep_at_ = std::max<size_t>(64, 2 * selectors_.size());
}

}  // namespace sluice::store
