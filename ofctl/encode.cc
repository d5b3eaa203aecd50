#include <cstring>

#include "ofctl/codec.h"
#include "ofctl/ovs_headers.h"
#include "ofctl/ovs_log.h"
#include "ofctl/plain_flow.h"
#include "ofctl/wire_flow_mod.h"

namespace sluice::ofctl {
namespace {

constexpr size_t kMaxMessage = UINT16_MAX;  // ofpmsg_update_length() casts without a check
constexpr size_t kBundleHeader = sizeof(ofp_header) + sizeof(ofp14_bundle_ctrl_msg);
constexpr uint32_t kMonitorId = 1;
constexpr uint8_t kAllTables = OFPTT_ALL;
// Message types of OpenFlow 1.5, 7.1.1.
constexpr uint8_t kEchoReply = 3;
constexpr uint8_t kBundleAddMessage = 34;

ofpbuf* Allocate(ofpraw type) {
  SilenceOvsLog();
  return ofpraw_alloc(type, OFP15_VERSION, 0);
}

uint16_t WireType(BundleStep step) {
  switch (step) {
    case BundleStep::kOpen:
      return OFPBCT_OPEN_REQUEST;
    case BundleStep::kClose:
      return OFPBCT_CLOSE_REQUEST;
    case BundleStep::kCommit:
      return OFPBCT_COMMIT_REQUEST;
    case BundleStep::kDiscard:
      break;
  }
  return OFPBCT_DISCARD_REQUEST;
}

constexpr uint16_t kBundleFlags = OFPBF_ORDERED | OFPBF_ATOMIC;

// What is done to a flow: it is set to `body`, or deleted if that is null.
struct Modification {
  const FlowKey& key;
  const FlowBody* body;
};

Error AboutFlow(const Error& error, const Modification& of) {
  return error.Context((of.body != nullptr ? "flow " : "removal of flow ") + ToString(of.key));
}

Result<Message> Encode(Xid xid, const Modification& modification) {
  Message plain;
  if (AppendPlain(xid, modification.key, modification.body, plain) == Plain::kYes) return plain;
  Result<Message> message = EncodeByLibrary(xid, modification.key, modification.body);
  if (message.ok()) return message;
  return AboutFlow(message.error(), modification);
}

// Before the modification that follows from `start` to the end of `out`: kBundleHeader bytes.
void PutBundleHeader(BundleId bundle, size_t start, Message& out) {
  ofp_header header;
  std::memcpy(&header, &out[start + kBundleHeader], sizeof header);  // for version and xid
  header.type = kBundleAddMessage;
  header.length = htons(static_cast<uint16_t>(out.size() - start));
  ofp14_bundle_ctrl_msg add{};
  add.bundle_id = htonl(bundle.value);
  add.flags = htons(kBundleFlags);
  std::memcpy(&out[start], &header, sizeof header);
  std::memcpy(&out[start + sizeof header], &add, sizeof add);
}

Status AppendBundled(BundleId bundle, Xid xid, const Modification& modification, Message& out) {
  const size_t start = out.size();
  out.resize(start + kBundleHeader);
  const Plain plain = AppendPlain(xid, modification.key, modification.body, out);
  if (plain == Plain::kYes && out.size() - start <= kMaxMessage) {
    PutBundleHeader(bundle, start, out);
    return Ok();
  }
  out.resize(start);
  SLUICE_ASSIGN_OR_RETURN(const Message message, Encode(xid, modification));
  return AppendBundleAdd(bundle, message, out);
}

}  // namespace

Message EncodeHello(Xid xid) {
  SilenceOvsLog();
  return Finish(ofputil_encode_hello(1u << OFP15_VERSION), xid);
}

Message EncodeEchoRequest(Xid xid) { return Finish(Allocate(OFPRAW_OFPT_ECHO_REQUEST), xid); }

Message EncodeEchoReply(const Message& request) {
  Message reply = request;
  reply[offsetof(ofp_header, type)] = kEchoReply;
  return reply;
}

Message EncodeBarrierRequest(Xid xid) {
  return Finish(Allocate(OFPRAW_OFPT11_BARRIER_REQUEST), xid);
}

Message EncodeFlowStatsRequest(Xid xid) {
  SilenceOvsLog();
  ofputil_flow_stats_request request{};
  match_init_catchall(&request.match);
  request.out_port = OFPP_NONE;
  request.out_group = OFPG_ANY;
  request.table_id = kAllTables;
  return Finish(ofputil_encode_flow_stats_request(&request, OFPUTIL_P_OF15_OXM), xid);
}

Message EncodeFlowMonitorRequest(Xid xid) {
  SilenceOvsLog();
  ofputil_flow_monitor_request request{};
  request.id = kMonitorId;
  request.command = OFPFMC_ADD;
  request.flags = static_cast<ofp14_flow_monitor_flags>(OFPFMF_ADD | OFPFMF_REMOVED |
                                                        OFPFMF_MODIFY | OFPFMF_INSTRUCTIONS);
  request.out_port = OFPP_NONE;
  request.out_group = OFPG_ANY;
  request.table_id = kAllTables;
  match_init_catchall(&request.match);
  ofpbuf* message = ofpbuf_new(0);
  ofputil_append_flow_monitor_request(&request, message, OFPUTIL_P_OF15_OXM);
  return Finish(message, xid);
}

Result<Message> EncodeAdd(Xid xid, const Flow& flow) { return Encode(xid, {flow.key, &flow.body}); }

Result<Message> EncodeDelete(Xid xid, const FlowKey& key) { return Encode(xid, {key, nullptr}); }

Message EncodeDelete(Xid xid, const RawFlow& flow) {
  ofpbuf* message = Allocate(OFPRAW_OFPT11_FLOW_MOD);
  auto* mod = static_cast<ofp11_flow_mod*>(ofpbuf_put_zeros(message, sizeof(ofp11_flow_mod)));
  mod->table_id = flow.table;
  mod->priority = htons(flow.priority);
  mod->command = OFPFC_DELETE_STRICT;
  mod->buffer_id = htonl(UINT32_MAX);
  mod->out_port = ofputil_port_to_ofp11(OFPP_NONE);
  mod->out_group = htonl(OFPG_ANY);
  ofpbuf_put(message, flow.match.data(), flow.match.size());
  return Finish(message, xid);
}

Message EncodeBundleControl(Xid xid, BundleId bundle, BundleStep step) {
  SilenceOvsLog();
  ofputil_bundle_ctrl_msg control{
      .bundle_id = bundle.value, .type = WireType(step), .flags = kBundleFlags};
  return Finish(ofputil_encode_bundle_ctrl_request(OFP15_VERSION, &control), xid);
}

Status AppendBundleAdd(BundleId bundle, const Message& modification, Message& out) {
  const size_t size = kBundleHeader + modification.size();
  if (size > kMaxMessage) {
    return Invalid("a bundle message of " + std::to_string(size) + " bytes, more than 65535");
  }
  const size_t start = out.size();
  out.resize(start + kBundleHeader);
  out.insert(out.end(), modification.begin(), modification.end());
  PutBundleHeader(bundle, start, out);
  return Ok();
}

Status AppendBundleAdd(BundleId bundle, Xid xid, const Flow& flow, Message& out) {
  return AppendBundled(bundle, xid, {flow.key, &flow.body}, out);
}

Status AppendBundleDelete(BundleId bundle, Xid xid, const FlowKey& key, Message& out) {
  return AppendBundled(bundle, xid, {key, nullptr}, out);
}

}  // namespace sluice::ofctl
