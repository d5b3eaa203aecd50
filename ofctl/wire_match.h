// Match ⇄ struct match of libopenvswitch. Included by .cc files of ofctl only.
#pragma once

#include "ofctl/base/result.h"
#include "ofctl/match.h"

struct match;
struct mf_field;
struct mf_subfield;

namespace sluice::ofctl {

// Which field of libopenvswitch stands for ours; `proto` (nw_proto) decides what kTpSrc and kTpDst
// mean: one field a transport protocol there, one in all here.
const mf_field& OvsField(Field field, uint8_t proto);

// Our field that `field` is, if we have it.
std::optional<Field> FieldOf(const mf_field& field);

// Error: bits that the field does not have.
Status CheckBits(const SubField& subfield);
// SubField ⇄ mf_subfield, for bits that CheckBits accepts. Absent: a field that we do not have.
void ToOvs(const SubField& from, uint8_t proto, mf_subfield& to);
std::optional<SubField> FromOvs(const mf_subfield& from);

// nw_proto, if the match has it; 0 otherwise.
uint8_t ProtoOf(const Match& match);

// Error: a field that cannot be masked so. Prerequisites are not looked at here.
Status ToOvs(const Match& from, ::match& to);

// "An Ethernet packet" is what every match of ours means; the switch sometimes says so. Takes it
// out, so that matches can be compared.
void ForgetEthernet(::match& match);

// The part of the switch's match that our fields can say.
Match KnownFields(const ::match& from);

// That part, and whether it is all of it.
struct ReadMatch {
  Match match;
  enum class Extent { kWhole, kPart } extent = Extent::kWhole;
};
ReadMatch FromOvs(::match& from);

}  // namespace sluice::ofctl
