#include "agent/cni_server/gc_handler.h"

#include <set>
#include <utility>

namespace sluice::cni_server {

std::vector<store::AttachmentId> Stale(const std::vector<store::Endpoint>& endpoints,
                                       const cni::Request& request) {
  std::set<store::AttachmentId> valid;
  for (const cni::AttachmentKey& key : request.valid_attachments) {
    valid.insert({.container_id = key.container_id, .ifname = key.ifname});
  }
  std::vector<store::AttachmentId> stale;
  for (const store::Endpoint& endpoint : endpoints) {
    if (endpoint.network != request.network || valid.contains(endpoint.id)) continue;
    stale.push_back(endpoint.id);
  }
  return stale;
}

Collection::Collection(size_t removals, Reply reply)
    : outstanding_(removals), reply_(std::move(reply)) {
  ReplyWhenComplete();
}

void Collection::Note(const store::AttachmentId& id, const Status& removed) {
  --outstanding_;
  if (removed.ok()) {
    collected_.removed.push_back({.container_id = id.container_id, .ifname = id.ifname});
    return ReplyWhenComplete();
  }
  collected_.left +=
      (collected_.left.empty() ? "" : "; ") + id.ToString() + ": " + removed.error().message();
  ReplyWhenComplete();
}

void Collection::ReplyWhenComplete() {
  if (outstanding_ > 0) return;
  std::exchange(reply_, nullptr)(cni::Success{.collected = std::move(collected_)});
}

}  // namespace sluice::cni_server
