#include "agent/cni_server/del_handler.h"

#include <utility>

#include "agent/cni_server/teardown.h"

namespace sluice::cni_server {

void HandleDel(AttachSteps& steps, const store::AttachmentId& id, Reply reply) {
  Teardown(steps, steps.Find(id).value_or(EndpointOf(id)), TeardownFrom::kFlows,
           [reply = std::move(reply)](const Status& status) {
             if (!status.ok()) return reply(status.error());
             reply(cni::Success{});
           });
}

}  // namespace sluice::cni_server
