// CNI GC: which attachments go, and what became of it.
#pragma once

#include <string>
#include <vector>

#include "agent/cni_server/handler.h"
#include "agent/store/endpoint.h"

namespace sluice::cni_server {

// The endpoints of the request's network that it does not list as valid. One without a network's
// name, or of another's, is none of its business.
std::vector<store::AttachmentId> Stale(const std::vector<store::Endpoint>& endpoints,
                                       const cni::Request& request);

// Collects the outcome of `removals` removals, in whatever order they end; replies after the last.
class Collection {
 public:
  Collection(size_t removals, Reply reply);

  void Note(const store::AttachmentId& id, const Status& removed);

 private:
  void ReplyWhenComplete();

  size_t outstanding_;
  Reply reply_;
  cni::Collected collected_;
};

}  // namespace sluice::cni_server
