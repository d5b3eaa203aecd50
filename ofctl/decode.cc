#include <endian.h>

#include <cstring>
#include <span>

#include "ofctl/codec.h"
#include "ofctl/ovs_log.h"
#include "ofctl/ovs_ptr.h"
#include "ofctl/plain_flow.h"
#include "ofctl/wire_actions.h"
#include "ofctl/wire_match.h"

namespace sluice::ofctl {
namespace {

using Bytes = std::span<const uint8_t>;

constexpr uint8_t kHello = 0;            // OFPT_HELLO
constexpr size_t kMultipartHeader = 16;  // ofp_header, type, flags, padding

const ofp_header* HeaderOf(const Message& message) {
  return reinterpret_cast<const ofp_header*>(message.data());
}

Xid XidOf(const Message& message) { return {ntohl(HeaderOf(message)->xid)}; }

std::string ErrorText(ofperr error) {
  return std::string(ofperr_get_name(error)) + ": " + ofperr_get_description(error);
}

// A view of `entry` that libopenvswitch takes for the rest of `message`, with nothing after it.
ofpbuf ViewOf(const Message& message, Bytes entry) {
  ofpbuf view;
  ofpbuf_use_const(&view, entry.data(), entry.size());
  view.header = const_cast<uint8_t*>(message.data());
  view.msg = const_cast<uint8_t*>(message.data()) + kMultipartHeader;
  return view;
}

// The entries of a multipart body. Each begins with its length in 16 bits.
Result<std::vector<Bytes>> Entries(const Message& message, size_t least) {
  std::vector<Bytes> entries;
  for (size_t offset = kMultipartHeader; offset < message.size();) {
    const size_t left = message.size() - offset;
    const size_t length =
        left < 2 ? 0 : static_cast<size_t>(message[offset] << 8 | message[offset + 1]);
    if (length < least || length > left || length % 8 != 0) {
      return Invalid("multipart entry of length " + std::to_string(length) + " with " +
                     std::to_string(left) + " bytes left");
    }
    entries.push_back(Bytes(message).subspan(offset, length));
    offset += length;
  }
  return entries;
}

// The ofp_match at the start of `bytes`, padding included.
Result<Bytes> RawMatchIn(Bytes bytes) {
  const size_t length = bytes.size() < 4 ? 0 : static_cast<size_t>(bytes[2] << 8 | bytes[3]);
  const size_t padded = (length + 7) / 8 * 8;
  if (length < 4 || padded > bytes.size()) return Invalid("match of a wrong length");
  return bytes.first(padded);
}

void AddForeign(const std::string& name, uint64_t value, Actions& actions) {
  if (value != 0) actions.push_back(Foreign{name + "=" + std::to_string(value)});
}

// Key and body of a flow whose match was understood; `bytes` is where its match begins.
Result<ObservedFlow> Observe(Flow flow, ::match& match, Bytes bytes) {
  ReadMatch read = FromOvs(match);
  flow.key.match = std::move(read.match);
  ObservedFlow observed{std::move(flow), std::nullopt};
  if (read.extent == ReadMatch::Extent::kWhole) return observed;
  SLUICE_ASSIGN_OR_RETURN(const Bytes raw, RawMatchIn(bytes));
  const FlowKey& key = observed.flow.key;
  observed.raw = RawFlow{key.table, key.priority, {raw.begin(), raw.end()}};
  TextBuffer text;
  match_format(&match, nullptr, text.get(), OFP_DEFAULT_PRIORITY);
  observed.flow.body.actions.push_back(Foreign{"match:" + text.ToString()});
  return observed;
}

// A flow that libopenvswitch cannot read, written for a newer switch: still known by its bytes.
Result<ObservedFlow> ObserveUnread(Flow flow, ofperr error, Bytes bytes) {
  SLUICE_ASSIGN_OR_RETURN(const Bytes raw, RawMatchIn(bytes));
  flow.body.actions = {Foreign{"unread:" + ErrorText(error)}};
  RawFlow name{flow.key.table, flow.key.priority, {raw.begin(), raw.end()}};
  return ObservedFlow{std::move(flow), std::move(name)};
}

Result<ObservedFlow> DecodeStats(const Message& message, Bytes entry, ofpbuf& scratch) {
  if (auto plain = ReadPlainFlow(entry)) return ObservedFlow{*std::move(plain), std::nullopt};
  ofp15_flow_desc fixed;
  std::memcpy(&fixed, entry.data(), sizeof fixed);
  Flow flow{{fixed.table_id, ntohs(fixed.priority), {}}, {be64toh(fixed.cookie), {}}};
  const Bytes rest = entry.subspan(sizeof fixed);
  ofpbuf view = ViewOf(message, entry);
  ofputil_flow_stats stats;
  if (const int error = ofputil_decode_flow_stats_reply(&stats, &view, false, &scratch);
      error != 0) {
    // Some of its errors are errno values, smaller than every enum ofperr.
    return ObserveUnread(std::move(flow),
                         ofperr_is_valid(static_cast<ofperr>(error)) ? static_cast<ofperr>(error)
                                                                     : OFPERR_OFPBRC_BAD_LEN,
                         rest);
  }
  flow.body.actions = FromOvs(stats.ofpacts, stats.ofpacts_len);
  AddForeign("idle_timeout", stats.idle_timeout, flow.body.actions);
  AddForeign("hard_timeout", stats.hard_timeout, flow.body.actions);
  AddForeign("flags", static_cast<uint64_t>(stats.flags), flow.body.actions);
  AddForeign("importance", stats.importance, flow.body.actions);
  return Observe(std::move(flow), stats.match, rest);
}

Result<Received> DecodeFlowStats(const Message& message) {
  SLUICE_ASSIGN_OR_RETURN(const auto entries, Entries(message, sizeof(ofp15_flow_desc)));
  FlowStats stats{XidOf(message),
                  ofpmp_more(HeaderOf(message)) ? FlowStats::More::kYes : FlowStats::More::kNo,
                  {}};
  stats.flows.reserve(entries.size());
  ScratchBuffer scratch;
  for (const Bytes entry : entries) {
    SLUICE_ASSIGN_OR_RETURN(ObservedFlow flow, DecodeStats(message, entry, *scratch.get()));
    stats.flows.push_back(std::move(flow));
  }
  return Received(std::move(stats));
}

Result<FlowChange> DecodeChange(const Message& message, Bytes entry, ofpbuf& scratch) {
  ofp_flow_update_full fixed;
  std::memcpy(&fixed, entry.data(), sizeof fixed);
  const bool removed = ntohs(fixed.event) == OFPFME_REMOVED;
  const FlowChange::Kind kind = removed ? FlowChange::Kind::kRemoved : FlowChange::Kind::kSet;
  Flow flow{{fixed.table_id, ntohs(fixed.priority), {}}, {be64toh(fixed.cookie), {}}};
  const Bytes rest = entry.subspan(sizeof fixed);
  ofpbuf view = ViewOf(message, entry);
  ofputil_flow_update update;
  if (const int error = ofputil_decode_flow_update(&update, &view, &scratch); error != 0) {
    SLUICE_ASSIGN_OR_RETURN(ObservedFlow unread,
                            ObserveUnread(std::move(flow), static_cast<ofperr>(error), rest));
    return FlowChange{kind, std::move(unread)};
  }
  if (!removed) {
    flow.body.actions = FromOvs(update.ofpacts, update.ofpacts_len);
    AddForeign("idle_timeout", update.idle_timeout, flow.body.actions);
    AddForeign("hard_timeout", update.hard_timeout, flow.body.actions);
  }
  SLUICE_ASSIGN_OR_RETURN(ObservedFlow observed, Observe(std::move(flow), update.match, rest));
  return FlowChange{kind, std::move(observed)};
}

Result<Received> DecodeFlowUpdates(const Message& message) {
  SLUICE_ASSIGN_OR_RETURN(const auto entries, Entries(message, sizeof(ofp_flow_update_abbrev)));
  FlowUpdates updates{XidOf(message), {}};
  ScratchBuffer scratch;
  for (const Bytes entry : entries) {
    const int event = entry[2] << 8 | entry[3];
    const bool full = event <= OFPFME_MODIFIED;
    if (!full) continue;  // ABBREV: of our own doing. PAUSED, RESUMED: full ones follow.
    if (entry.size() < sizeof(ofp_flow_update_full))
      return Invalid("flow update of a wrong length");
    SLUICE_ASSIGN_OR_RETURN(FlowChange change, DecodeChange(message, entry, *scratch.get()));
    updates.changes.push_back(std::move(change));
  }
  return Received(std::move(updates));
}

Result<Received> DecodeBundleReply(const Message& message) {
  ofputil_bundle_ctrl_msg control;
  if (const ofperr error = ofputil_decode_bundle_ctrl(HeaderOf(message), &control); error != 0) {
    return Invalid("bundle control: " + ErrorText(error));
  }
  BundleReply reply{XidOf(message), {control.bundle_id}, BundleStep::kOpen};
  switch (control.type) {
    case OFPBCT_OPEN_REPLY:
      return Received(reply);
    case OFPBCT_CLOSE_REPLY:
      reply.step = BundleStep::kClose;
      return Received(reply);
    case OFPBCT_COMMIT_REPLY:
      reply.step = BundleStep::kCommit;
      return Received(reply);
    case OFPBCT_DISCARD_REPLY:
      reply.step = BundleStep::kDiscard;
      return Received(reply);
    default:
      return Invalid("bundle control of type " + std::to_string(control.type));
  }
}

Received DecodeError(const Message& message) {
  const ofperr error = ofperr_decode_msg(HeaderOf(message), nullptr);
  return SwitchError{XidOf(message), error != 0 ? ErrorText(error) : "an error without a name"};
}

Received DecodeHello(const Message& message) {
  uint32_t versions = 0;
  ofputil_decode_hello(HeaderOf(message), &versions);
  const bool speaks = (versions & 1u << OFP15_VERSION) != 0;
  return Hello{speaks ? Hello::Speaks15::kYes : Hello::Speaks15::kNo};
}

}  // namespace

Result<Received> Decode(const Message& message) {
  SilenceOvsLog();
  if (message.size() < sizeof(ofp_header) || ntohs(HeaderOf(message)->length) != message.size()) {
    return Invalid("an OpenFlow message of a wrong length");
  }
  const ofp_header& header = *HeaderOf(message);
  if (header.type == kHello) return DecodeHello(message);
  if (header.version != OFP15_VERSION) {
    return Invalid("a message of OpenFlow version " + std::to_string(header.version));
  }
  ofptype type;
  if (const ofperr error = ofptype_decode(&type, &header); error != 0) {
    return Invalid("message type " + std::to_string(header.type) + ": " + ErrorText(error));
  }
  switch (static_cast<int>(type)) {
    case OFPTYPE_ERROR:
      return DecodeError(message);
    case OFPTYPE_ECHO_REQUEST:
      return Received(EchoRequest{});
    case OFPTYPE_ECHO_REPLY:
      return Received(EchoReply{});
    case OFPTYPE_BARRIER_REPLY:
      return Received(BarrierReply{XidOf(message)});
    case OFPTYPE_BUNDLE_CONTROL:
      return DecodeBundleReply(message);
    case OFPTYPE_FLOW_STATS_REPLY:
      return DecodeFlowStats(message);
    case OFPTYPE_FLOW_MONITOR_STATS_REPLY:
      return DecodeFlowUpdates(message);
    default:
      return Received(Unhandled{header.type});
  }
}

}  // namespace sluice::ofctl
