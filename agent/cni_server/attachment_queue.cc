#include "agent/cni_server/attachment_queue.h"

#include <utility>

namespace sluice::cni_server {

void AttachmentQueue::Run(const store::AttachmentId& id, Job job) {
  const auto [entry, idle] = waiting_->try_emplace(id);
  if (idle) return Start(waiting_, id, std::move(job));
  entry->second.push_back(std::move(job));
}

void AttachmentQueue::Start(const std::weak_ptr<Waiting>& waiting, const store::AttachmentId& id,
                            Job job) {
  job([waiting, id] { Next(waiting, id); });
}

void AttachmentQueue::Next(const std::weak_ptr<Waiting>& waiting, const store::AttachmentId& id) {
  const std::shared_ptr<Waiting> entries = waiting.lock();
  if (entries == nullptr) return;
  const auto entry = entries->find(id);
  if (entry == entries->end()) return;
  if (entry->second.empty()) {
    entries->erase(entry);
    return;
  }
  Job job = std::move(entry->second.front());
  entry->second.pop_front();
  Start(waiting, id, std::move(job));
}

}  // namespace sluice::cni_server
