// TraceRequest: how to ask ovs-vswitchd what it would do with a connection (ovs-appctl(8),
// ofproto/trace). Pure text; nothing in the switch has to be prepared for it, and nothing changes.
//
// A trace from the port does not fill in the original tuple (ct_nw_src ...) when it passes a ct
// action, and what comes from a port is never tracked. So a connection is asked about in three
// parts: from the port to conntrack, and, as a packet-out that resubmits to ConntrackState with the
// tuple given, its first packet and a later one, both up to the port they leave by.
#pragma once

#include <string>
#include <vector>

#include "agent/pipeline/fields.h"
#include "agent/store/objects.h"
#include "ofctl/base/ip.h"
#include "ofctl/base/strong_id.h"

namespace sluice::pipeline {

struct TracedConnection {
  OfPort in_port;
  Origin origin = Origin::kPod;
  MacAddress source_mac;
  MacAddress destination_mac;
  IpAddress source;
  IpAddress destination;  // of the source's family
  store::Protocol protocol = store::Protocol::kTcp;
  uint16_t port = 0;
};

// A call of ovs-vswitchd's control socket.
struct TraceCall {
  std::string method;
  std::vector<std::string> parameters;

  friend bool operator==(const TraceCall&, const TraceCall&) = default;
};

struct TraceRequest {
  TraceCall from_port;     // ends with a ct action, unless gate or spoof guard drop it
  TraceCall first_packet;  // ends with an output, unless it is dropped
  TraceCall later_packet;  // ends with an output, unless it is dropped
};

TraceRequest MakeTraceRequest(const std::string& bridge, const TracedConnection& connection);

}  // namespace sluice::pipeline
