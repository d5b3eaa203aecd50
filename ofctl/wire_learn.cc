#include "ofctl/wire_learn.h"

#include <endian.h>

#include "ofctl/ovs_ptr.h"
#include "ofctl/wire_bits.h"
#include "ofctl/wire_match.h"

namespace sluice::ofctl {
namespace {

constexpr uint8_t kNoTable = UINT8_MAX;
constexpr size_t kMaxSpecs = 64;  // an action's length is 16 bits, set without a check

// Appends one spec. Everything that points into the buffer may have moved afterwards.
class SpecEncoder {
 public:
  SpecEncoder(uint8_t proto, ofpbuf& out) : proto_(proto), out_(out) {}

  Status operator()(const Learn::MatchField& match) const {
    SLUICE_RETURN_IF_ERROR(CheckBits(match.target));
    SLUICE_RETURN_IF_ERROR(CheckBits(match.source));
    if (match.target.width() != match.source.width()) return Invalid("unequal widths");
    ofpact_learn_spec& spec = Append(match.target, NX_LEARN_SRC_FIELD, NX_LEARN_DST_MATCH);
    ToOvs(match.source, proto_, spec.src);
    return Ok();
  }
  Status operator()(const Learn::MatchValue& match) const {
    return AppendValue(match.target, match.value, NX_LEARN_DST_MATCH);
  }
  Status operator()(const Learn::LoadValue& load) const {
    return AppendValue(load.target, load.value, NX_LEARN_DST_LOAD);
  }

 private:
  ofpact_learn_spec& Append(const SubField& target, uint16_t source_type,
                            uint16_t target_type) const {
    auto* spec =
        static_cast<ofpact_learn_spec*>(ofpbuf_put_zeros(&out_, sizeof(ofpact_learn_spec)));
    ToOvs(target, proto_, spec->dst);
    spec->src_type = source_type;
    spec->dst_type = target_type;
    spec->n_bits = target.width();
    return *spec;
  }

  Status AppendValue(const SubField& target, const Bits& value, uint16_t target_type) const {
    SLUICE_RETURN_IF_ERROR(CheckBits(target));
    if (target.width() < 128 && !(value >> target.width()).zero()) {
      return Invalid("the value does not fit in " + std::to_string(target.width()) + " bits");
    }
    Append(target, NX_LEARN_SRC_IMMEDIATE, target_type);
    const size_t bytes = (target.width() + 7u) / 8;
    PutBits(value, static_cast<uint8_t*>(ofpbuf_put_zeros(&out_, OFPACT_ALIGN(bytes))), bytes);
    return Ok();
  }

  uint8_t proto_;
  ofpbuf& out_;
};

std::optional<Learn::Spec> ReadSpec(const ofpact_learn_spec& spec) {
  const auto target = FromOvs(spec.dst);
  if (!target) return std::nullopt;
  if (spec.src_type == NX_LEARN_SRC_FIELD) {
    const auto source = FromOvs(spec.src);
    if (!source || spec.dst_type != NX_LEARN_DST_MATCH) return std::nullopt;
    return Learn::MatchField{*target, *source};
  }
  const auto* bytes = static_cast<const uint8_t*>(ofpact_learn_spec_imm(&spec));
  const Bits value = GetBits(bytes, (spec.n_bits + 7u) / 8);
  if (spec.dst_type == NX_LEARN_DST_MATCH) return Learn::MatchValue{*target, value};
  return Learn::LoadValue{*target, value};
}

}  // namespace

Status ToOvs(const Learn& from, uint8_t proto, ofpbuf& to) {
  if (from.table == kNoTable) return Invalid("255 is no table");
  if (from.cookie == UINT64_MAX) return Invalid("the cookie is reserved");
  if (from.specs.size() > kMaxSpecs) return Invalid("too many parts in learn()");
  ofpact_learn* out = ofpact_put_LEARN(&to);
  out->table_id = from.table;
  out->priority = from.priority;
  out->idle_timeout = from.idle_timeout;
  out->cookie = htobe64(from.cookie);
  out->limit = from.limit;  // anything but 0 is sent as NXAST_LEARN2
  const auto offset = reinterpret_cast<char*>(out) - static_cast<char*>(to.data);
  const SpecEncoder encoder(proto, to);
  for (const Learn::Spec& spec : from.specs) SLUICE_RETURN_IF_ERROR(std::visit(encoder, spec));
  to.header = static_cast<char*>(to.data) + offset;
  out = static_cast<ofpact_learn*>(to.header);
  ofpact_finish_LEARN(&to, &out);
  return Ok();
}

std::optional<Action> FromOvs(const ofpact_learn& from) {
  // hard_timeout, flags, fin_timeouts: Sluice never writes them.
  if (from.hard_timeout != 0 || from.fin_idle_timeout != 0 || from.fin_hard_timeout != 0 ||
      from.flags != 0) {
    return std::nullopt;
  }
  Learn read{.table = from.table_id,
             .priority = from.priority,
             .idle_timeout = from.idle_timeout,
             .cookie = be64toh(from.cookie),
             .limit = from.limit,
             .specs = {}};
  const ofpact_learn_spec* spec;
  OFPACT_LEARN_SPEC_FOR_EACH(spec, &from) {
    const auto part = ReadSpec(*spec);
    if (!part) return std::nullopt;
    read.specs.push_back(*part);
  }
  return read;
}

}  // namespace sluice::ofctl
