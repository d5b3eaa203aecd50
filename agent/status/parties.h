// Parties of a connection as a person names them: "namespace/pod", an address, or "node".
#pragma once

#include <string>

#include "agent/reconcile/desired_state.h"
#include "ofctl/base/ip.h"
#include "ofctl/base/result.h"

namespace sluice::status {

enum class PartyKind : uint8_t { kAddress, kNode };

struct Party {
  PartyKind kind = PartyKind::kAddress;
  IpAddress address;
};

// NotFound for a pod that has no address on the pod network.
Result<Party> ParseParty(const reconcile::DesiredState& desired, const std::string& text);

struct PartyPair {
  Party source;
  Party destination;
};

struct Service {
  uint8_t ip_protocol = 0;
  uint16_t port = 0;
};

// "tcp", "udp" (in any case) and a port.
Result<Service> ParseService(const std::string& protocol, int64_t port);

// With what holds beside the policies: a pod reaches itself, the node reaches its own pods.
policy::Verdict JudgeParties(const reconcile::DesiredState& desired, const PartyPair& pair,
                             const Service& service);

}  // namespace sluice::status
