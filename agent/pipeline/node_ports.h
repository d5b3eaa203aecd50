// NodePorts: how the node and everything behind it reach the bridge.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ofctl/base/ip.h"
#include "ofctl/base/strong_id.h"

namespace sluice::pipeline {

// Who knows an SCTP association's ports: conntrack on the kernel datapath; on the userspace one,
// whose conntrack takes all of a host pair's SCTP for one connection, the packet's own header.
enum class SctpPorts : uint8_t { kFromConntrack, kFromHeader };

struct NodePorts {
  OfPort gateway;
  MacAddress mac;                    // of the gateway port and of LOCAL
  std::vector<IpAddress> addresses;  // the pods' gateways, at most one a family
  SctpPorts sctp = SctpPorts::kFromConntrack;

  // Absent: the pods of this node have no addresses of the family.
  std::optional<IpAddress> AddressOf(IpFamily family) const {
    for (const IpAddress& address : addresses) {
      if (address.family() == family) return address;
    }
    return std::nullopt;
  }

  friend bool operator==(const NodePorts&, const NodePorts&) = default;
};

}  // namespace sluice::pipeline
