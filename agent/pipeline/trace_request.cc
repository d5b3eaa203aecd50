#include "agent/pipeline/trace_request.h"

#include <algorithm>

#include "agent/pipeline/flow_parts.h"

namespace sluice::pipeline {
namespace {

// Any port of a client.
constexpr char kClientPort[] = "40000";

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

std::string UntrackedFlow(const TracedConnection& connection) {
  const bool v4 = connection.source.is_v4();
  const std::string protocol = Lower(std::string(store::ToString(connection.protocol)));
  const std::string prefix = v4 ? "nw_" : "ipv6_";
  const std::string port = connection.in_port.value == ofctl::kPortLocal
                               ? "LOCAL"
                               : std::to_string(connection.in_port.value);
  return "in_port=" + port + "," + protocol + (v4 ? "" : "6") +
         ",dl_src=" + connection.source_mac.ToString() +
         ",dl_dst=" + connection.destination_mac.ToString() + "," + prefix +
         "src=" + connection.source.ToString() + "," + prefix +
         "dst=" + connection.destination.ToString() + ",nw_ttl=64," + protocol +
         "_src=" + kClientPort + "," + protocol + "_dst=" + std::to_string(connection.port);
}

std::string TrackedFlow(const TracedConnection& connection, const std::string& state) {
  const bool v4 = connection.source.is_v4();
  const std::string prefix = v4 ? "ct_nw_" : "ct_ipv6_";
  return UntrackedFlow(connection) + ",ct_state=" + state +
         ",ct_zone=" + std::to_string(v4 ? kZoneIPv4 : kZoneIPv6) + "," + prefix +
         "src=" + connection.source.ToString() + "," + prefix +
         "dst=" + connection.destination.ToString() +
         ",ct_nw_proto=" + std::to_string(static_cast<int>(connection.protocol)) +
         ",ct_tp_src=" + kClientPort + ",ct_tp_dst=" + std::to_string(connection.port);
}

}  // namespace

TraceRequest MakeTraceRequest(const std::string& bridge, const TracedConnection& connection) {
  const std::string actions =
      ofctl::ToString(ofctl::Actions{Load(kOrigin, static_cast<uint64_t>(connection.origin))}) +
      ",resubmit(," + std::to_string(Number(Table::kConntrackState)) + ")";
  const auto behind_conntrack = [&](const std::string& flow) {
    return TraceCall{"ofproto/trace-packet-out", {"--names", bridge, flow, actions}};
  };
  // What Commit remembers of the node's own connections.
  const std::string mark = connection.origin == Origin::kNode ? ",ct_mark=0x1" : "";
  return {{"ofproto/trace", {"--names", bridge, UntrackedFlow(connection)}},
          behind_conntrack(TrackedFlow(connection, "trk|new")),
          behind_conntrack(TrackedFlow(connection, "trk|est") + mark)};
}

}  // namespace sluice::pipeline
