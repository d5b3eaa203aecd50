// What the handlers of the verbs have in common.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "agent/cni_server/steps.h"
#include "cni/protocol.h"

namespace sluice::cni_server {

using TimePoint = std::chrono::steady_clock::time_point;
using Clock = std::function<TimePoint()>;

// Called once; possibly before the handler returns.
using Reply = std::function<void(cni::Response)>;

struct Attachment {
  AttachSteps& steps;  // outlives every callback it was given
  cni::Request request;
  TimePoint deadline;
};

inline store::AttachmentId IdOf(const cni::Request& request) {
  return {.container_id = request.container_id, .ifname = request.ifname};
}

inline store::ObjectKey PodOf(const cni::Request& request) {
  return {.ns = request.pod.ns, .name = request.pod.name};
}

}  // namespace sluice::cni_server
