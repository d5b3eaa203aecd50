#include "ofctl/wire_flow_mod.h"

#include <endian.h>

#include "ofctl/ovs_log.h"
#include "ofctl/ovs_ptr.h"
#include "ofctl/wire_actions.h"
#include "ofctl/wire_match.h"

namespace sluice::ofctl {
namespace {

constexpr size_t kMaxMessage = UINT16_MAX;  // ofpmsg_update_length() casts without a check
constexpr uint8_t kAllTables = OFPTT_ALL;

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

}  // namespace

Message Finish(ofpbuf* buffer, Xid xid) {
  const OfpbufPtr owner(buffer);
  ofpmsg_update_length(buffer);
  static_cast<ofp_header*>(buffer->data)->xid = htonl(xid.value);
  const auto* bytes = static_cast<const uint8_t*>(buffer->data);
  return Message(bytes, bytes + buffer->size);
}

Result<Message> EncodeByLibrary(Xid xid, const FlowKey& key, const FlowBody* body) {
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

}  // namespace sluice::ofctl
