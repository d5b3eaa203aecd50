#include "tests/fakes/flow_matcher.h"

#include <glog/logging.h>

#include <algorithm>
#include <functional>
#include <map>

namespace sluice::fakes {
namespace {

using ofctl::Bits;
using ofctl::Field;
using ofctl::Flow;
using Fields = FlowMatcher::Fields;

// How the dump of a flow begins to tell that it ends when unused.
constexpr char kIdleTimeout[] = "idle_timeout=";

Bits& At(Fields& fields, Field field) { return fields[static_cast<size_t>(field)]; }

bool IsConjunctive(const Flow& flow) {
  return std::any_of(flow.body.actions.begin(), flow.body.actions.end(), [](const auto& action) {
    return std::holds_alternative<ofctl::Conjunction>(action);
  });
}

bool Matches(const ofctl::Match& match, const Fields& fields) {
  const ofctl::Match::Fields all = match.fields();
  return std::all_of(all.begin(), all.end(), [&](const ofctl::FieldMatch& entry) {
    return (fields[static_cast<size_t>(entry.field)] & entry.mask) == entry.value;
  });
}

Bits Read(const Fields& fields, const ofctl::SubField& from) {
  return (fields[static_cast<size_t>(from.field)] & ofctl::MaskOf(from)) >> from.first;
}

void Write(Fields& fields, const ofctl::SubField& to, const Bits& value) {
  const Bits mask = ofctl::MaskOf(to);
  Bits& field = At(fields, to.field);
  field = Bits{field.hi & ~mask.hi, field.lo & ~mask.lo} | ((value << to.first) & mask);
}

void SetPacket(Fields& fields, const Packet& packet) {
  const FiveTuple& tuple = packet.ip;
  const bool v4 = tuple.source.is_v4();
  At(fields, Field::kInPort) = {0, packet.in_port};
  At(fields, Field::kVlanTci) = {0, packet.vlan_tci};
  At(fields, Field::kEthSrc) = {0, packet.eth_source.bits()};
  At(fields, Field::kEthDst) = {0, packet.eth_destination.bits()};
  At(fields, Field::kEthType) = {0, v4 ? ofctl::kEthTypeIPv4 : ofctl::kEthTypeIPv6};
  At(fields, v4 ? Field::kNwSrc : Field::kIpv6Src) = ofctl::ToBits(tuple.source);
  At(fields, v4 ? Field::kNwDst : Field::kIpv6Dst) = ofctl::ToBits(tuple.destination);
  At(fields, Field::kNwProto) = {0, tuple.ip_protocol};
  At(fields, Field::kNwTtl) = {0, packet.ttl};
  At(fields, Field::kNwFrag) = {0, packet.fragment};
  if (packet.fragment != 0) return;
  At(fields, Field::kTpSrc) = {0, tuple.source_port};
  At(fields, Field::kTpDst) = {0, tuple.destination_port};
  if (!packet.discovery) return;
  At(fields, Field::kNdTarget) = ofctl::ToBits(packet.discovery->target);
  At(fields, Field::kNdSll) = {0, packet.discovery->source_mac.bits()};
  At(fields, Field::kNdTll) = {0, packet.discovery->target_mac.bits()};
}

void SetTracked(Fields& fields, const Packet& packet) {
  const FiveTuple& tuple = packet.original;
  const bool v4 = tuple.source.is_v4();
  At(fields, Field::kCtState) = {0, packet.ct_state};
  At(fields, Field::kCtMark) = {0, packet.ct_mark};
  if ((packet.ct_state & ofctl::kCtInv) != 0) return;
  At(fields, v4 ? Field::kCtNwSrc : Field::kCtIpv6Src) = ofctl::ToBits(tuple.source);
  At(fields, v4 ? Field::kCtNwDst : Field::kCtIpv6Dst) = ofctl::ToBits(tuple.destination);
  At(fields, Field::kCtNwProto) = {0, tuple.ip_protocol};
  if ((packet.fragment & ofctl::kFragLater) != 0) return;
  At(fields, Field::kCtTpSrc) = {0, tuple.source_port};
  At(fields, Field::kCtTpDst) = {0, tuple.destination_port};
}

// Tracked without any connection known: the packet as it is now. The userspace conntrack keeps no
// ports of SCTP, and nothing else is sent to such a zone.
void SetTrackedAsNew(Fields& fields) {
  At(fields, Field::kCtState) = {0, ofctl::kCtTrk | ofctl::kCtNew};
  At(fields, Field::kCtNwSrc) = At(fields, Field::kNwSrc);
  At(fields, Field::kCtNwDst) = At(fields, Field::kNwDst);
  At(fields, Field::kCtIpv6Src) = At(fields, Field::kIpv6Src);
  At(fields, Field::kCtIpv6Dst) = At(fields, Field::kIpv6Dst);
  At(fields, Field::kCtNwProto) = At(fields, Field::kNwProto);
}

MacAddress ToMac(uint64_t bits) {
  std::array<uint8_t, 6> bytes{};
  for (size_t i = 0; i < 6; ++i) bytes[i] = static_cast<uint8_t>(bits >> (40 - 8 * i));
  return MacAddress(bytes);
}

IpAddress ToAddress(const Bits& bits, IpFamily family) {
  if (family == IpFamily::kIPv4) return IpAddress::FromV4(static_cast<uint32_t>(bits.lo));
  IpAddress::Bytes bytes{};
  for (size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<uint8_t>(bits.hi >> (56 - 8 * i));
    bytes[i + 8] = static_cast<uint8_t>(bits.lo >> (56 - 8 * i));
  }
  return IpAddress::FromV6(bytes);
}

// Executes the actions of one flow after the other.
class Execution {
 public:
  struct Switch {
    std::function<const Flow*(uint8_t table, Fields& fields)> lookup;
    const std::set<uint16_t>& committed_zones;
  };

  Execution(const Packet& packet, Switch of, Outcome& outcome)
      : packet_(packet), switch_(std::move(of)), outcome_(outcome) {
    SetPacket(fields_, packet);
  }

  void RunFrom(std::optional<uint8_t> table) {
    while (table) {
      CHECK_LT(outcome_.tables.size(), 64u) << "the pipeline loops";
      outcome_.tables.push_back(*table);
      const Flow* flow = switch_.lookup(*table, fields_);
      next_.reset();
      if (flow != nullptr) {
        for (const ofctl::Action& action : flow->body.actions) std::visit(*this, action);
      }
      table = next_;
    }
  }

  void operator()(const ofctl::SetField& set) { Write(fields_, set.target, set.value); }
  void operator()(const ofctl::MoveField& move) {
    Write(fields_, move.target, Read(fields_, move.source));
  }
  void operator()(const ofctl::Output& output) {
    Send(output.port == ofctl::kPortInPort ? packet_.in_port : output.port);
  }
  void operator()(const ofctl::OutputField& output) {
    // Open vSwitch never sends a packet back by a port that it merely read from a field.
    const auto port = static_cast<uint32_t>(Read(fields_, output.source).lo);
    if (port != packet_.in_port) Send(port);
  }
  void operator()(const ofctl::Conjunction&) { LOG(FATAL) << "a clause is never executed"; }
  void operator()(const ofctl::Ct& ct) {
    if (switch_.committed_zones.contains(ct.zone)) {
      SetTracked(fields_, packet_);
    } else {
      SetTrackedAsNew(fields_);
    }
    for (const auto& action : ct.exec) std::visit(*this, action);
    if (ct.commit == ofctl::CtCommit::kYes) {
      outcome_.committed = true;
      outcome_.ct_label = At(fields_, Field::kCtLabel);
      outcome_.ct_mark = static_cast<uint32_t>(At(fields_, Field::kCtMark).lo);
    }
    next_ = ct.table;
  }
  void operator()(const ofctl::Resubmit& resubmit) {
    RunFrom(resubmit.table);
    next_.reset();
  }
  void operator()(const ofctl::Learn& learn) {
    Flow flow{{learn.table, learn.priority, {}}, {learn.cookie, {}}};
    for (const ofctl::Learn::Spec& spec : learn.specs) {
      if (const auto* field = std::get_if<ofctl::Learn::MatchField>(&spec)) {
        AddTo(flow.key.match, field->target, Read(fields_, field->source));
      } else if (const auto* value = std::get_if<ofctl::Learn::MatchValue>(&spec)) {
        AddTo(flow.key.match, value->target, value->value);
      } else {
        const auto& load = std::get<ofctl::Learn::LoadValue>(spec);
        flow.body.actions.emplace_back(ofctl::SetField{load.target, load.value});
      }
    }
    if (learn.idle_timeout != 0) {
      flow.body.actions.emplace_back(
          ofctl::Foreign{kIdleTimeout + std::to_string(learn.idle_timeout)});
    }
    outcome_.learned.push_back(std::move(flow));
  }
  void operator()(const ofctl::GotoTable& go) { next_ = go.table; }
  void operator()(const ofctl::Foreign& foreign) {
    CHECK(foreign.text.starts_with(kIdleTimeout)) << "unknown: " << foreign.text;
  }

 private:
  void Send(uint32_t port) {
    CHECK(!outcome_.port) << "one packet in, one packet out";
    outcome_.port = port;
    outcome_.eth_destination = ToMac(At(fields_, Field::kEthDst).lo);
    const IpFamily family = packet_.ip.source.family();
    const bool v4 = family == IpFamily::kIPv4;
    outcome_.ip_source = ToAddress(At(fields_, v4 ? Field::kNwSrc : Field::kIpv6Src), family);
    outcome_.ip_destination = ToAddress(At(fields_, v4 ? Field::kNwDst : Field::kIpv6Dst), family);
  }

  static void AddTo(ofctl::Match& match, const ofctl::SubField& target, const Bits& value) {
    const auto before = match.Find(target.field).value_or(ofctl::FieldMatch{target.field, {}, {}});
    match.Masked(target.field, before.value | (value << target.first),
                 before.mask | ofctl::MaskOf(target));
  }

  const Packet& packet_;
  Switch switch_;
  Outcome& outcome_;
  Fields fields_{};
  std::optional<uint8_t> next_;
};

}  // namespace

FlowMatcher::FlowMatcher(const ofctl::FlowMap& flows) {
  for (const auto& [key, body] : flows) {
    for (const ofctl::Action& action : body.actions) {
      const auto* ct = std::get_if<ofctl::Ct>(&action);
      if (ct != nullptr && ct->commit == ofctl::CtCommit::kYes) committed_zones_.insert(ct->zone);
    }
    Flow flow{key, body};
    auto& tables = IsConjunctive(flow) ? conjunctive_ : plain_;
    tables[key.table].push_back(std::move(flow));
  }
  const auto by_priority = [](const Flow& a, const Flow& b) {
    return a.key.priority > b.key.priority;
  };
  for (auto* tables : {&plain_, &conjunctive_}) {
    for (auto& table : *tables) std::sort(table.begin(), table.end(), by_priority);
  }
}

const Flow* FlowMatcher::LookupPlain(uint8_t table, const Fields& fields,
                                     std::string& ambiguity) const {
  const Flow* found = nullptr;
  for (const Flow& flow : plain_[table]) {
    if (found != nullptr && flow.key.priority < found->key.priority) break;
    if (!Matches(flow.key.match, fields)) continue;
    if (found == nullptr) {
      found = &flow;
    } else if (found->body.actions != flow.body.actions) {
      ambiguity = ofctl::ToString(*found) + " | " + ofctl::ToString(flow);
    }
  }
  return found;
}

// lib/classifier.c, classifier_lookup(): the best plain flow beats conjunctions of its own priority
// and below; above it, priority by priority, the first complete conjunction decides, by a second
// look-up of plain flows with conj_id set.
const Flow* FlowMatcher::Lookup(uint8_t table, Fields& fields, std::string& ambiguity) const {
  const Flow* plain = LookupPlain(table, fields, ambiguity);
  struct Clauses {
    uint64_t seen = 0;
    uint8_t count = 0;
  };
  const std::vector<Flow>& clauses = conjunctive_[table];
  for (size_t i = 0; i < clauses.size();) {
    const uint16_t priority = clauses[i].key.priority;
    if (plain != nullptr && priority <= plain->key.priority) break;
    std::map<uint32_t, Clauses> by_id;
    for (; i < clauses.size() && clauses[i].key.priority == priority; ++i) {
      if (!Matches(clauses[i].key.match, fields)) continue;
      for (const ofctl::Action& action : clauses[i].body.actions) {
        const auto& clause = std::get<ofctl::Conjunction>(action);
        by_id[clause.id].seen |= uint64_t{1} << (clause.clause - 1);
        by_id[clause.id].count = clause.clauses;
      }
    }
    for (const auto& [id, of] : by_id) {
      if (of.seen != (uint64_t{1} << of.count) - 1) continue;
      At(fields, Field::kConjId) = {0, id};
      const Flow* decision = LookupPlain(table, fields, ambiguity);
      At(fields, Field::kConjId) = {};
      if (decision != nullptr) return decision;
    }
  }
  return plain;
}

Outcome FlowMatcher::Trace(const Packet& packet) const {
  Outcome outcome;
  const auto lookup = [this, &outcome](uint8_t table, Fields& fields) {
    return Lookup(table, fields, outcome.ambiguity);
  };
  Execution(packet, {lookup, committed_zones_}, outcome).RunFrom(0);
  return outcome;
}

}  // namespace sluice::fakes
