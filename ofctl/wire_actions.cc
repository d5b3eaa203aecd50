#include "ofctl/wire_actions.h"

#include "ofctl/ovs_ptr.h"
#include "ofctl/wire_bits.h"
#include "ofctl/wire_learn.h"
#include "ofctl/wire_match.h"

namespace sluice::ofctl {
namespace {

// ofpact lengths are 16 bits inside libopenvswitch, set without a check.
constexpr size_t kMaxExec = 256;
constexpr uint16_t kMaxLength = UINT16_MAX;  // of the packet, when sent to a controller
constexpr uint8_t kNoTable = UINT8_MAX;

class Encoder {
 public:
  Encoder(uint8_t proto, ofpbuf& out) : proto_(proto), out_(out) {}

  Status operator()(const SetField& set) const {
    SLUICE_RETURN_IF_ERROR(CheckBits(set.target));
    if (set.target == Whole(Field::kInPort)) return SetInPort(set.value);
    const mf_field& field = OvsField(set.target.field, proto_);
    const Bits mask = MaskOf(set.target);
    const Bits value = set.value << set.target.first;
    if ((value >> set.target.first) != set.value || (value & mask) != value) {
      return Invalid("the value does not fit in " + std::to_string(set.target.width()) + " bits");
    }
    mf_value value_bytes;
    mf_value mask_bytes;
    PutBits(value, value_bytes.b, field.n_bytes);
    PutBits(mask, mask_bytes.b, field.n_bytes);
    ofpact_put_set_field(&out_, &field, &value_bytes,
                         set.target == Whole(set.target.field) ? nullptr : &mask_bytes);
    return Ok();
  }

  Status operator()(const MoveField& move) const {
    SLUICE_RETURN_IF_ERROR(CheckBits(move.source));
    SLUICE_RETURN_IF_ERROR(CheckBits(move.target));
    if (move.source.width() != move.target.width()) return Invalid("move between unequal widths");
    ofpact_reg_move* out = ofpact_put_REG_MOVE(&out_);
    ToOvs(move.source, proto_, out->src);
    ToOvs(move.target, proto_, out->dst);
    return Ok();
  }

  Status operator()(const Output& output) const {
    ofp_port_t port;
    if (ofputil_port_from_ofp11(htonl(output.port), &port) != 0) {
      return Invalid("Open vSwitch has no port " + std::to_string(output.port));
    }
    ofpact_output* out = ofpact_put_OUTPUT(&out_);
    out->port = port;
    out->max_len = kMaxLength;
    return Ok();
  }

  Status operator()(const OutputField& output) const {
    SLUICE_RETURN_IF_ERROR(CheckBits(output.source));
    ofpact_output_reg* out = ofpact_put_OUTPUT_REG(&out_);
    ToOvs(output.source, proto_, out->src);
    out->max_len = kMaxLength;
    return Ok();
  }

  Status operator()(const Conjunction& conjunction) const {
    if (conjunction.clause == 0) return Invalid("conjunction clauses count from 1");
    ofpact_conjunction* out = ofpact_put_CONJUNCTION(&out_);
    out->id = conjunction.id;
    out->clause = static_cast<uint8_t>(conjunction.clause - 1);
    out->n_clauses = conjunction.clauses;
    return Ok();
  }

  Status operator()(const Ct& ct) const {
    if (ct.exec.size() > kMaxExec) return Invalid("too many actions in ct(exec())");
    if (ct.table == NX_CT_RECIRC_NONE) return Invalid("ct(table=255)");
    ofpact_conntrack* out = ofpact_put_CT(&out_);
    out->flags = ct.commit == CtCommit::kYes ? NX_CT_F_COMMIT : 0;
    out->zone_imm = ct.zone;
    out->zone_src.field = nullptr;
    out->recirc_table = ct.table.value_or(NX_CT_RECIRC_NONE);
    out->alg = 0;
    const auto offset = reinterpret_cast<char*>(out) - static_cast<char*>(out_.data);
    for (const auto& action : ct.exec) SLUICE_RETURN_IF_ERROR(std::visit(*this, action));
    // The nested actions may have moved the buffer, and are part of this one.
    out_.header = static_cast<char*>(out_.data) + offset;
    out = static_cast<ofpact_conntrack*>(out_.header);
    ofpact_finish_CT(&out_, &out);
    return Ok();
  }

  Status operator()(const Resubmit& resubmit) const {
    if (resubmit.table == kNoTable) return Invalid("255 is no table");
    ofpact_resubmit* out = ofpact_put_RESUBMIT(&out_);
    out->in_port = OFPP_IN_PORT;
    out->table_id = resubmit.table;
    return Ok();
  }

  Status operator()(const Learn& learn) const { return ToOvs(learn, proto_, out_); }

  Status operator()(const GotoTable& go) const {
    ofpact_put_GOTO_TABLE(&out_)->table_id = go.table;
    return Ok();
  }

  Status operator()(const Foreign& foreign) const {
    return Invalid("not an action of Sluice's: " + foreign.text);
  }

 private:
  // The OpenFlow field may not be set, that of Open vSwitch with its 16-bit numbers may.
  Status SetInPort(const Bits& value) const {
    ofp_port_t port;
    const ovs_be32 number = htonl(static_cast<uint32_t>(value.lo));
    if (value.lo > UINT32_MAX || ofputil_port_from_ofp11(number, &port) != 0) {
      return Invalid("Open vSwitch has no port " + std::to_string(value.lo));
    }
    const ovs_be16 bytes = htons(static_cast<uint16_t>(port));
    ofpact_put_set_field(&out_, mf_from_id(MFF_IN_PORT), &bytes, nullptr);
    return Ok();
  }

  uint8_t proto_;
  ofpbuf& out_;
};

// The run of ones that `mask` is, if it is one.
std::optional<SubField> RunOf(Field field, const Bits& mask) {
  unsigned first = 0;
  while (first < 128 && ((mask >> first).lo & 1) == 0) ++first;
  unsigned last = first;
  while (last < 127 && ((mask >> (last + 1)).lo & 1) != 0) ++last;
  const SubField run{field, static_cast<uint8_t>(first), static_cast<uint8_t>(last)};
  if (first > 127 || last >= SpecOf(field).bits || MaskOf(run) != mask) return std::nullopt;
  return run;
}

std::optional<SetField> ReadSet(const ofpact_set_field& set) {
  if (set.field->id == MFF_IN_PORT) {
    const ovs_be32 number = ofputil_port_to_ofp11(static_cast<ofp_port_t>(ntohs(set.value->be16)));
    return SetField{Whole(Field::kInPort), {0, ntohl(number)}};
  }
  const std::optional<Field> field = FieldOf(*set.field);
  if (!field) return std::nullopt;
  const size_t size = set.field->n_bytes;
  const Bits mask = GetBits(ofpact_set_field_mask(&set)->b, size);
  const auto run = RunOf(*field, mask & FullMask(*field));
  if (!run) return std::nullopt;
  return SetField{*run, (GetBits(set.value->b, size) & mask) >> run->first};
}

std::optional<MoveField> ReadMove(const ofpact_reg_move& move) {
  const auto source = FromOvs(move.src);
  const auto target = FromOvs(move.dst);
  if (!source || !target) return std::nullopt;
  return MoveField{*source, *target};
}

std::optional<Action> ReadOutput(const ofpact_output& output) {
  if (output.port == OFPP_CONTROLLER && output.max_len != kMaxLength) return std::nullopt;
  return Output{ntohl(ofputil_port_to_ofp11(output.port))};
}

std::optional<Action> ReadCt(const ofpact_conntrack& ct) {
  if ((ct.flags & ~NX_CT_F_COMMIT) != 0 || ct.zone_src.field != nullptr || ct.alg != 0) {
    return std::nullopt;
  }
  Ct read;
  if ((ct.flags & NX_CT_F_COMMIT) != 0) read.commit = CtCommit::kYes;
  read.zone = ct.zone_imm;
  if (ct.recirc_table != NX_CT_RECIRC_NONE) read.table = ct.recirc_table;
  const ofpact* action;
  OFPACT_FOR_EACH(action, ct.actions, ofpact_ct_get_action_len(&ct)) {
    if (action->type == OFPACT_SET_FIELD) {
      const auto set = ReadSet(*ofpact_get_SET_FIELD(action));
      if (!set) return std::nullopt;
      read.exec.emplace_back(*set);
    } else if (action->type == OFPACT_REG_MOVE) {
      const auto move = ReadMove(*ofpact_get_REG_MOVE(action));
      if (!move) return std::nullopt;
      read.exec.emplace_back(*move);
    } else {
      return std::nullopt;
    }
  }
  return read;
}

std::optional<Action> ReadAction(const ofpact& action) {
  switch (action.type) {
    case OFPACT_SET_FIELD:
      return ReadSet(*ofpact_get_SET_FIELD(&action));
    case OFPACT_REG_MOVE:
      return ReadMove(*ofpact_get_REG_MOVE(&action));
    case OFPACT_OUTPUT:
      return ReadOutput(*ofpact_get_OUTPUT(&action));
    case OFPACT_OUTPUT_REG: {
      const ofpact_output_reg& output = *ofpact_get_OUTPUT_REG(&action);
      const auto source = FromOvs(output.src);
      if (!source || output.max_len != kMaxLength) return std::nullopt;
      return OutputField{*source};
    }
    case OFPACT_CONJUNCTION: {
      const ofpact_conjunction& conjunction = *ofpact_get_CONJUNCTION(&action);
      return Conjunction{conjunction.id, static_cast<uint8_t>(conjunction.clause + 1),
                         conjunction.n_clauses};
    }
    case OFPACT_CT:
      return ReadCt(*ofpact_get_CT(&action));
    case OFPACT_RESUBMIT: {
      const ofpact_resubmit& resubmit = *ofpact_get_RESUBMIT(&action);
      if (resubmit.in_port != OFPP_IN_PORT || resubmit.table_id == kNoTable ||
          resubmit.with_ct_orig) {
        return std::nullopt;
      }
      return Resubmit{resubmit.table_id};
    }
    case OFPACT_LEARN:
      return FromOvs(*ofpact_get_LEARN(&action));
    case OFPACT_GOTO_TABLE:
      return GotoTable{ofpact_get_GOTO_TABLE(&action)->table_id};
    default:
      return std::nullopt;
  }
}

Foreign ToForeign(const ofpact& action) {
  TextBuffer text;
  const ofpact_format_params parameters{.port_map = nullptr, .table_map = nullptr, .s = text.get()};
  ofpacts_format(&action, OFPACT_ALIGN(action.len), &parameters);
  return {text.ToString()};
}

}  // namespace

Status ToOvs(const Actions& from, uint8_t proto, ofpbuf& to) {
  const Encoder encoder(proto, to);
  for (const Action& action : from) {
    if (Status status = std::visit(encoder, action); !status.ok()) {
      return status.error().Context("action " + ToString(Actions{action}));
    }
  }
  return Ok();
}

Actions FromOvs(const ofpact* first, size_t length) {
  Actions actions;
  const ofpact* action;
  OFPACT_FOR_EACH(action, first, length) {
    std::optional<Action> read = ReadAction(*action);
    actions.push_back(read ? std::move(*read) : Action(ToForeign(*action)));
  }
  return actions;
}

}  // namespace sluice::ofctl
