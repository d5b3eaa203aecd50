// ofproto/trace: what to ask, and how to read the answer. Pure text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ofctl/base/ip.h"
#include "ofctl/base/result.h"
#include "ofctl/base/strong_id.h"
#include "tests/conformance/cluster_case.h"

namespace sluice::conformance {

// The first packet of a connection.
struct TracedPacket {
  OfPort in_port;
  MacAddress source_mac;
  MacAddress destination_mac;
  IpAddress source;
  IpAddress destination;
  Service service;
};

// As a port sends it.
std::string UntrackedFlow(const TracedPacket& packet);
// As it comes out of conntrack. A trace does not fill in the original tuple (ct_nw_src ...) when it
// passes a ct action, so it has to start behind it.
std::string TrackedFlow(const TracedPacket& packet);

// What the switch would do with the packet.
struct TraceVerdict {
  // The port it leaves by, as --names prints it; absent: dropped.
  std::optional<std::string> output;
  // It passed through conntrack on the way.
  bool tracked = false;
};

// `reply` is the text that `ofproto/trace --names` answers. An error for everything that is neither
// a drop nor one output.
Result<TraceVerdict> ReadTrace(std::string_view reply);

}  // namespace sluice::conformance
