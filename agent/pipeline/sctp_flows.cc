#include "agent/pipeline/sctp_flows.h"

#include <algorithm>
#include <initializer_list>
#include <string>

#include "agent/pipeline/flow_parts.h"
#include "agent/pipeline/owner.h"

namespace sluice::pipeline {
namespace {

using ofctl::Ct;
using ofctl::CtCommit;
using ofctl::kProtoSctp;
using ofctl::Learn;
using ofctl::MoveField;
using ofctl::SubField;
using ofctl::Whole;

// Seconds without an answer. RFC 9260, 8.3: an idle association has a heartbeat every 30 seconds,
// and a peer is given up after some minutes.
constexpr uint16_t kIdleTimeout = 600;
// For each opener: looking for one more costs the switch time in proportion, and nobody may use up
// what others need.
constexpr uint32_t kMaxAssociations = 2048;
// ConntrackState: above the ordinary flow, below what is related or invalid.
constexpr uint16_t kSctpTracked = 120;
// In a cookie, beside the category of who opened the association.
constexpr uint8_t kLearnedKind = 1;

ofctl::Match Sctp(IpFamily family) { return OfProtocol(family, kProtoSctp); }

SubField Spare(IpFamily family) {
  return {Field::kXxReg3, 0, static_cast<uint8_t>(AddressBits(family) - 1)};
}

ofctl::Actions ExchangeAddresses(IpFamily family) {
  const AddressFields fields = FieldsOf(family);
  return {MoveField{Whole(fields.source), Spare(family)},
          MoveField{Whole(fields.destination), Whole(fields.source)},
          MoveField{Spare(family), Whole(fields.destination)}};
}

// Changes nothing, but makes the switch cache its answer for this very tuple only. A lookup in a
// table without flows looks at no field, so an answer for all SCTP of a pod would be cached; the
// first answer of an association would meet it before the switch has noticed what it has learned.
ofctl::Actions LookAtTuple(IpFamily family) {
  const AddressFields fields = FieldsOf(family);
  return {MoveField{Whole(fields.source), Spare(family)},
          MoveField{Whole(fields.destination), Spare(family)},
          MoveField{Whole(Field::kTpSrc), kSctpPort},
          MoveField{Whole(Field::kTpDst), kSctpPort},
          Load(Spare(family), 0),
          Load(kSctpPort, 0)};
}

void AddPath(IpFamily family, uint64_t cookie, std::vector<ofctl::Flow>& flows) {
  // Without its ports a fragment belongs to no association.
  flows.push_back(MakeFlow(
      cookie,
      {Table::kConntrack, priority::kException,
       Sctp(family).Masked(Field::kNwFrag, {0, ofctl::kFragAny}, {0, ofctl::kFragAny}), Drop()}));
  ofctl::Actions look_up = LookAtTuple(family);
  look_up.emplace_back(ofctl::Resubmit{Number(Table::kSctpReply)});
  look_up.push_back(GoTo(Table::kSctpState));
  flows.push_back(
      MakeFlow(cookie, {Table::kConntrack, priority::kOverride, Sctp(family), std::move(look_up)}));
  const Ct ask{.commit = CtCommit::kNo,
               .zone = kZoneSctp,
               .table = Number(Table::kConntrackState),
               .exec = {}};
  for (const uint32_t reply : {0, 1}) {
    ofctl::Actions before = reply ? ExchangeAddresses(family) : ofctl::Actions();
    ofctl::Actions after = before;
    before.emplace_back(ask);
    flows.push_back(
        MakeFlow(cookie, {Table::kSctpState, priority::kDefault,
                          Sctp(family).Bits32(kIsSctpReply, reply), std::move(before)}));
    const SubField port = Whole(reply ? Field::kTpSrc : Field::kTpDst);
    after.emplace_back(MoveField{port, kSctpPort});
    after.push_back(GoTo(Table::kSourceClass));
    flows.push_back(MakeFlow(
        cookie, {Table::kConntrackState, kSctpTracked,
                 Tracked(family).Exact(Field::kNwProto, kProtoSctp).Bits32(kIsSctpReply, reply),
                 std::move(after)}));
  }
  flows.push_back(MakeFlow(cookie, {Table::kCommit,
                                    priority::kException,
                                    Sctp(family).Bits32(kIsSctpReply, 1),
                                    {GoTo(Table::kOutput)}}));
}

Learn LearnReply(IpFamily family, const SctpOpener& opener) {
  const AddressFields fields = FieldsOf(family);
  const uint64_t type = family == IpFamily::kIPv4 ? ofctl::kEthTypeIPv4 : ofctl::kEthTypeIPv6;
  const auto category = static_cast<Category>(opener.cookie >> 56);
  Learn learn{.table = Number(Table::kSctpReply),
              .priority = priority::kDefault,
              .idle_timeout = kIdleTimeout,
              .cookie = Cookie({category, kLearnedKind, 0, {0, opener.port}}),
              .limit = kMaxAssociations,
              .specs = {Learn::MatchValue{Whole(Field::kEthType), {0, type}},
                        Learn::MatchValue{Whole(Field::kNwProto), {0, kProtoSctp}},
                        Learn::MatchField{Whole(fields.source), Whole(fields.destination)},
                        Learn::MatchField{Whole(fields.destination), Whole(fields.source)},
                        Learn::MatchField{Whole(Field::kTpSrc), Whole(Field::kTpDst)},
                        Learn::MatchField{Whole(Field::kTpDst), Whole(Field::kTpSrc)},
                        Learn::LoadValue{kIsSctpReply, {0, 1}}}};
  if (opener.origin == Origin::kNode)
    learn.specs.emplace_back(Learn::LoadValue{kSctpFromNode, {0, 1}});
  return learn;
}

bool HasExactly(const ofctl::Match& match, std::initializer_list<Field> fields) {
  if (match.fields().size() != fields.size()) return false;
  return std::all_of(fields.begin(), fields.end(), [&match](Field field) {
    const auto entry = match.Find(field);
    return entry && entry->mask == ofctl::FullMask(field);
  });
}

bool IsAnswersTuple(const ofctl::Match& match) {
  const auto proto = match.Find(Field::kNwProto);
  if (!proto || proto->value.lo != kProtoSctp) return false;
  return std::any_of(kFamilies.begin(), kFamilies.end(), [&match](IpFamily family) {
    const AddressFields fields = FieldsOf(family);
    return HasExactly(match, {Field::kEthType, Field::kNwProto, fields.source, fields.destination,
                              Field::kTpSrc, Field::kTpDst});
  });
}

}  // namespace

std::vector<ofctl::Flow> SctpPath(uint64_t cookie) {
  std::vector<ofctl::Flow> flows;
  for (const IpFamily family : kFamilies) AddPath(family, cookie, flows);
  return flows;
}

std::vector<ofctl::Flow> SctpLearning(const SctpOpener& opener) {
  std::vector<ofctl::Flow> flows;
  for (const IpFamily family : kFamilies) {
    flows.push_back(MakeFlow(
        opener.cookie, {Table::kCommit,
                        priority::kException,
                        Sctp(family).Exact(Field::kInPort, opener.port).Bits32(kIsSctpReply, 0),
                        {LearnReply(family, opener), GoTo(Table::kOutput)}}));
  }
  return flows;
}

bool IsLearned(const ofctl::FlowKey& key, const ofctl::FlowBody& body) {
  const auto category = static_cast<Category>(body.cookie >> 56);
  if (key.table != Number(Table::kSctpReply) || key.priority != priority::kDefault ||
      (category != Category::kNode && category != Category::kEndpoint) ||
      body.cookie != Cookie({category, kLearnedKind, 0, {0, body.cookie}})) {
    return false;
  }
  const ofctl::Action ends = ofctl::Foreign{"idle_timeout=" + std::to_string(kIdleTimeout)};
  const ofctl::Action reply = Load(kIsSctpReply, 1);
  const ofctl::Action from_node = Load(kSctpFromNode, 1);
  return IsAnswersTuple(key.match) && (body.actions == ofctl::Actions{reply, ends} ||
                                       body.actions == ofctl::Actions{reply, from_node, ends});
}

}  // namespace sluice::pipeline
