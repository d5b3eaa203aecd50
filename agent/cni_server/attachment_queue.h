// One request at a time for an attachment, different attachments side by side. Pure.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "agent/store/endpoint.h"

namespace sluice::cni_server {

class AttachmentQueue {
 public:
  // A job is over when it calls what it was given, once. It may outlive the queue.
  using JobOver = std::function<void()>;
  using Job = std::function<void(JobOver)>;

  // Runs the job now, or after those queued for the same attachment before it.
  void Run(const store::AttachmentId& id, Job job);

  bool IsBusy(const store::AttachmentId& id) const { return waiting_->contains(id); }
  size_t attachments() const { return waiting_->size(); }

 private:
  using Waiting = std::map<store::AttachmentId, std::deque<Job>>;

  static void Start(const std::weak_ptr<Waiting>& waiting, const store::AttachmentId& id, Job job);
  static void Next(const std::weak_ptr<Waiting>& waiting, const store::AttachmentId& id);

  // An entry per attachment that has a job running, with the jobs behind it.
  std::shared_ptr<Waiting> waiting_ = std::make_shared<Waiting>();
};

}  // namespace sluice::cni_server
