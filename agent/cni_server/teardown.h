// Taking an attachment apart: the one sequence that DEL, a failed ADD and a repeated ADD share.
#pragma once

#include "agent/cni_server/steps.h"

namespace sluice::cni_server {

// Where the sequence starts: a failed ADD undoes only what it began.
enum class TeardownFrom : uint8_t { kFlows, kPort, kLink };

// Flows, then port, then link, each of them whether or not the one before went well, so that one
// broken peer leaves as little as possible behind. Done has every failure in one message.
void Teardown(AttachSteps& steps, const store::Endpoint& endpoint, TeardownFrom from, Done done);

// The endpoint as far as its id determines it: enough to take it apart.
store::Endpoint EndpointOf(const store::AttachmentId& id);

}  // namespace sluice::cni_server
