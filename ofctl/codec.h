// Flows and connection messages ⇄ OpenFlow 1.5 bytes. Pure. What is sent for a flow and what a dump
// reads back of it are equal: a flow for which that would not hold is refused here, by name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ofctl/base/result.h"
#include "ofctl/base/strong_id.h"
#include "ofctl/flow.h"

namespace sluice::ofctl {

// One whole OpenFlow message, header included.
using Message = std::vector<uint8_t>;
// Transaction id: the switch repeats it in every answer to a message.
using Xid = StrongId<struct XidTag>;
using BundleId = StrongId<struct BundleIdTag>;

// A flow that Match cannot name: its match as the switch sent it, so that it can be deleted.
struct RawFlow {
  uint8_t table = 0;
  uint16_t priority = 0;
  std::vector<uint8_t> match;  // struct ofp_match of OpenFlow 1.5, padded

  friend bool operator==(const RawFlow&, const RawFlow&) = default;
};

// A flow as the switch reports it. Actions, timeouts, flags and matches that Sluice never writes
// appear as Foreign actions, which makes the flow differ from every flow of Sluice's. `raw` is
// there when flow.key.match is only a part of the real match.
struct ObservedFlow {
  Flow flow;
  std::optional<RawFlow> raw;

  friend bool operator==(const ObservedFlow&, const ObservedFlow&) = default;
};

Message EncodeHello(Xid xid);
Message EncodeEchoRequest(Xid xid);
Message EncodeEchoReply(const Message& request);
Message EncodeBarrierRequest(Xid xid);
// Every flow of every table.
Message EncodeFlowStatsRequest(Xid xid);
// Every change to any flow from now on; those made on this very connection in short form.
Message EncodeFlowMonitorRequest(Xid xid);

// Adds the flow, or replaces the flow of its key, counters included.
Result<Message> EncodeAdd(Xid xid, const Flow& flow);
// Deletes the flow of exactly this key.
Result<Message> EncodeDelete(Xid xid, const FlowKey& key);
Message EncodeDelete(Xid xid, const RawFlow& flow);

// Requests of OpenFlow 1.5, 7.3.9.1; bundles are ORDERED|ATOMIC.
enum class BundleStep : uint8_t { kOpen, kClose, kCommit, kDiscard };
Message EncodeBundleControl(Xid xid, BundleId bundle, BundleStep step);
// Appends `modification` to `out`, wrapped as a message of the bundle. The xid stays. Error: too
// long to be wrapped.
Status AppendBundleAdd(BundleId bundle, const Message& modification, Message& out);
// The same of what EncodeAdd and EncodeDelete make.
Status AppendBundleAdd(BundleId bundle, Xid xid, const Flow& flow, Message& out);
Status AppendBundleDelete(BundleId bundle, Xid xid, const FlowKey& key, Message& out);

struct Hello {
  enum class Speaks15 : uint8_t { kNo, kYes } speaks_15;
};
struct EchoRequest {};
struct EchoReply {};
struct BarrierReply {
  Xid xid;
};
struct SwitchError {
  Xid xid;
  std::string text;  // "OFPBAC_BAD_OUT_PORT: Output port is invalid"
};
struct BundleReply {
  Xid xid;
  BundleId bundle;
  BundleStep step;
};
struct FlowStats {
  Xid xid;
  enum class More : uint8_t { kNo, kYes } more;
  std::vector<ObservedFlow> flows;
};
struct FlowChange {
  enum class Kind : uint8_t { kSet, kRemoved } kind;
  ObservedFlow flow;  // of a removed flow, only the key
};
// Changes that others made. Empty for one that this connection made.
struct FlowUpdates {
  Xid xid;
  std::vector<FlowChange> changes;
};
// A message that Sluice has no use for.
struct Unhandled {
  uint8_t type;
};

using Received = std::variant<Hello, EchoRequest, EchoReply, BarrierReply, SwitchError, BundleReply,
                              FlowStats, FlowUpdates, Unhandled>;

// Error: not a well-formed message of OpenFlow 1.5 (a hello may have any version).
Result<Received> Decode(const Message& message);

}  // namespace sluice::ofctl
