#include <endian.h>

#include <cstring>

#include "ofctl/codec.h"
#include "ofctl/ovs_log.h"
#include "ofctl/ovs_ptr.h"
#include "ofctl/wire_actions.h"
#include "ofctl/wire_match.h"

namespace sluice::ofctl {
namespace {

constexpr size_t kMaxMessage = UINT16_MAX;  // ofpmsg_update_length() casts without a check
constexpr size_t kBundleHeader = sizeof(ofp_header) + sizeof(ofp14_bundle_ctrl_msg);
constexpr uint32_t kMonitorId = 1;
constexpr uint8_t kAllTables = OFPTT_ALL;
// Message types of OpenFlow 1.5, 7.1.1.
constexpr uint8_t kEchoReply = 3;
constexpr uint8_t kBundleAddMessage = 34;

// Sets length and xid. The size was checked, or is fixed and small.
Message Finish(ofpbuf* buffer, Xid xid) {
  const OfpbufPtr owner(buffer);
  ofpmsg_update_length(buffer);
  static_cast<ofp_header*>(buffer->data)->xid = htonl(xid.value);
  const auto* bytes = static_cast<const uint8_t*>(buffer->data);
  return Message(bytes, bytes + buffer->size);
}

// A flow_mod with its minimatch, which is on the heap.
class FlowMod {
 public:
  explicit FlowMod(const ::match& match) {
    minimatch_init(&mod_.match, &match);
    mod_.buffer_id = UINT32_MAX;
    mod_.out_port = OFPP_NONE;
    mod_.out_group = OFPG_ANY;
  }
  ~FlowMod() { minimatch_destroy(&mod_.match); }
  FlowMod(const FlowMod&) = delete;
  FlowMod& operator=(const FlowMod&) = delete;
  ofputil_flow_mod* operator->() { return &mod_; }
  ofpbuf* Encode() const { return ofputil_encode_flow_mod(&mod_, OFPUTIL_P_OF15_OXM); }

 private:
  ofputil_flow_mod mod_{};
};

// libopenvswitch leaves out what has no place in a message (nw_src without an EtherType,
// ct_nw_proto=0, ...) and the flow would match more than it was meant to. So the match is read
// back from the bytes.
Status CheckMatch(const ofpbuf& message, const ::match& meant, const Match& ours) {
  constexpr size_t kMatchOffset = sizeof(ofp_header) + sizeof(ofp11_flow_mod);
  ofpbuf bytes;
  ofpbuf_use_const(&bytes, static_cast<const char*>(message.data) + kMatchOffset,
                   message.size - kMatchOffset);
  ::match sent;
  uint16_t length = 0;
  if (const ofperr error = ofputil_pull_ofp11_match(&bytes, nullptr, nullptr, &sent, &length);
      error != 0) {
    return Invalid(std::string("the match is refused: ") + ofperr_get_name(error));
  }
  ForgetEthernet(sent);
  const Match read = KnownFields(sent);
  if (match_equal(&sent, &meant) && read == ours) return Ok();
  return Invalid("the switch would read the match as \"" + read.ToString() +
                 "\": a field lacks its prerequisites, or has a mask it cannot have");
}

Result<Message> EncodeFlowMod(Xid xid, const FlowKey& key, const FlowBody* body) {
  SilenceOvsLog();
  if (key.table == kAllTables) return Invalid("255 is no table");
  if (body != nullptr && body->cookie == UINT64_MAX) return Invalid("the cookie is reserved");
  ::match match;
  SLUICE_RETURN_IF_ERROR(ToOvs(key.match, match));
  ScratchBuffer actions;
  if (body != nullptr) {
    SLUICE_RETURN_IF_ERROR(ToOvs(body->actions, ProtoOf(key.match), *actions.get()));
  }
  FlowMod mod(match);
  mod->priority = key.priority;
  mod->table_id = key.table;
  mod->command = body != nullptr ? OFPFC_ADD : OFPFC_DELETE_STRICT;
  mod->new_cookie = body != nullptr ? htobe64(body->cookie) : OVS_BE64_MAX;
  mod->ofpacts = static_cast<ofpact*>(actions.get()->data);
  mod->ofpacts_len = actions.get()->size;
  OfpbufPtr message(mod.Encode());
  if (message->size > kMaxMessage) {
    return Invalid("a message of " + std::to_string(message->size) + " bytes, more than 65535");
  }
  SLUICE_RETURN_IF_ERROR(CheckMatch(*message, match, key.match));
  return Finish(message.release(), xid);
}

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

Result<Message> EncodeAdd(Xid xid, const Flow& flow) {
  Result<Message> message = EncodeFlowMod(xid, flow.key, &flow.body);
  if (message.ok()) return message;
  return message.error().Context("flow " + ToString(flow.key));
}

Result<Message> EncodeDelete(Xid xid, const FlowKey& key) {
  Result<Message> message = EncodeFlowMod(xid, key, nullptr);
  if (message.ok()) return message;
  return message.error().Context("removal of flow " + ToString(key));
}

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
  ofp_header header;
  std::memcpy(&header, modification.data(), sizeof header);  // for version and xid
  header.type = kBundleAddMessage;
  header.length = htons(static_cast<uint16_t>(size));
  ofp14_bundle_ctrl_msg add{};
  add.bundle_id = htonl(bundle.value);
  add.flags = htons(kBundleFlags);
  const auto* header_bytes = reinterpret_cast<const uint8_t*>(&header);
  const auto* add_bytes = reinterpret_cast<const uint8_t*>(&add);
  out.insert(out.end(), header_bytes, header_bytes + sizeof header);
  out.insert(out.end(), add_bytes, add_bytes + sizeof add);
  out.insert(out.end(), modification.begin(), modification.end());
  return Ok();
}

}  // namespace sluice::ofctl
