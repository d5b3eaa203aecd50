// What passes of IPv6 neighbour discovery (RFC 4861). Nothing here needs any: every neighbour is
// permanent. A pod may still ask for its gateway, and the gateway answers it; all the rest ends at
// SpoofGuard, whatever its addresses: nobody on this bridge can tell others who has an address, who
// is a router, or which way is better.
#pragma once

#include <vector>

#include "agent/pipeline/node_ports.h"
#include "agent/store/endpoint.h"
#include "ofctl/flow.h"

namespace sluice::pipeline {

// Drops all types of neighbour discovery, below the exceptions.
std::vector<ofctl::Flow> DiscoveryGuard(uint64_t cookie);
// The gateway's answers may enter, pods' questions may leave. None without a gateway of IPv6.
std::vector<ofctl::Flow> GatewayDiscovery(const NodePorts& node, uint64_t cookie);
// A pod's questions from `ip` may enter, answers to it may leave. The endpoint has an ofport.
std::vector<ofctl::Flow> EndpointDiscovery(const store::Endpoint& endpoint, const IpAddress& ip,
                                           uint64_t cookie);

}  // namespace sluice::pipeline
