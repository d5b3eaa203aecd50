// Parties of a connection as a person names them: "namespace/pod", one of a pod's addresses as
// "namespace/pod@address", any address, or "node".
#pragma once

#include <string>
#include <vector>

#include "agent/reconcile/desired_state.h"
#include "ofctl/base/ip.h"
#include "ofctl/base/result.h"

namespace sluice::status {

enum class PartyKind : uint8_t { kAddress, kNode };

struct Party {
  PartyKind kind = PartyKind::kAddress;
  std::vector<IpAddress> addresses;  // never empty; a connection uses one of them
};

// NotFound for a pod that has no address on the pod network, or not the one that `text` names.
Result<Party> ParseParty(const reconcile::DesiredState& desired, const std::string& text);

struct PartyPair {
  Party source;
  Party destination;
};

struct Service {
  uint8_t ip_protocol = 0;
  uint16_t port = 0;
};

// "tcp", "udp", "sctp" (in any case) and a port.
Result<Service> ParseService(const std::string& protocol, int64_t port);

// With what holds beside the policies: a pod reaches itself, the node reaches its own pods. Between
// the first of the source's addresses that the destination has one of the same family for, and that
// one; Invalid if there is none.
Result<policy::Verdict> JudgeParties(const reconcile::DesiredState& desired, const PartyPair& pair,
                                     const Service& service);

}  // namespace sluice::status
