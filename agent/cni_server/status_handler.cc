#include "agent/cni_server/status_handler.h"

namespace sluice::cni_server {

cni::Response HandleStatus(const AttachSteps& steps) {
  using Concerns = cni::NotReady::Concerns;
  cni::Success success;
  if (const Status ready = steps.Ready(); !ready.ok()) {
    success.not_ready = {.concerns = steps.IsForwarding() ? Concerns::kNewPods : Concerns::kAllPods,
                         .why = ready.error().message()};
  }
  return success;
}

}  // namespace sluice::cni_server
