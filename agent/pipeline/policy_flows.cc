#include "agent/pipeline/policy_flows.h"

#include <glog/logging.h>

#include <map>
#include <vector>

#include "agent/pipeline/flow_parts.h"
#include "agent/policy/sort_unique.h"

namespace sluice::pipeline {
namespace {

using ofctl::Conjunction;
using ofctl::Match;
using policy::Band;
using policy::ClassId;
using policy::PolicyEngine;
using policy::Rule;
using policy::RuleId;
using policy::Side;
using store::Direction;

static_assert(priority::kFirstBand > policy::kMaxBands, "bands must stay above the miss");

struct DirectionTables {
  Table rule;
  Table isolation;
  Table allowed;  // where an allowed packet goes on
  SubField rule_id;
};

constexpr DirectionTables TablesOf(Direction direction) {
  if (direction == Direction::kEgress) {
    return {Table::kEgressRule, Table::kEgressDefault, Table::kL3Forward, kEgressRuleId};
  }
  return {Table::kIngressRule, Table::kIngressDefault, Table::kCommit, kIngressRuleId};
}

constexpr SubField ClassField(Side side) {
  return side == Side::kSource ? kSourceClassId : kDestinationClassId;
}

constexpr uint16_t BandPriority(Band band) {
  return static_cast<uint16_t>(priority::kFirstBand - band.value);
}

// A class has members of both families, and only IP packets that conntrack knows get a class.
Match OfClass(Side side, ClassId id) { return Match().Bits32(ClassField(side), id.value); }

// The packets of one family that the service is about: of requests, replies and ICMP errors alike.
Match OfService(const policy::ServiceMatch& service, IpFamily family, SctpPorts sctp) {
  Match match = Tracked(family).Exact(Field::kCtNwProto, static_cast<uint8_t>(service.protocol));
  if (service.part == policy::ServiceMatch::Part::kLaterFragments) {
    return match.Masked(Field::kNwFrag, {0, ofctl::kFragLater}, {0, ofctl::kFragLater});
  }
  const bool from_header =
      service.protocol == store::Protocol::kSctp && sctp == SctpPorts::kFromHeader;
  static_assert(kSctpPort.first == 0, "masks of ports are not shifted");
  return match.Masked(from_header ? kSctpPort.field : Field::kCtTpDst, {0, service.port.value},
                      {0, service.port.mask});
}

ofctl::Actions Decide(Direction direction, RuleId id) {
  const DirectionTables tables = TablesOf(direction);
  return {Load(tables.rule_id, id.value), GoTo(tables.allowed)};
}

// One flow a band, with one action for each rule that has this match as a clause.
class ClauseFlows {
 public:
  ClauseFlows(const PolicyEngine& engine, Direction direction)
      : engine_(engine), direction_(direction) {}

  void Add(RuleId id, uint8_t clause) {
    const policy::RuleTable& rules = engine_.rules(direction_);
    actions_[rules.BandOf(id)].push_back({id.value, clause, rules.DimensionsOf(id)});
  }

  void Render(const Match& match, OwnedFlows& owned) {
    for (auto& [band, actions] : actions_) {
      policy::SortUnique(actions);  // the same text every time
      CHECK_LE(actions.size(), ofctl::kMaxConjunctionsPerFlow);
      owned.flows.push_back(
          MakeFlow(Cookie(owned.owner), {TablesOf(direction_).rule, BandPriority(band), match,
                                         ofctl::Actions(actions.begin(), actions.end())}));
    }
  }

 private:
  const PolicyEngine& engine_;
  Direction direction_;
  std::map<Band, std::vector<Conjunction>> actions_;
};

void RenderAsSubject(const PolicyEngine& engine, Direction direction, ClassId id,
                     OwnedFlows& owned) {
  const Side side = policy::SubjectSide(direction);
  const policy::RuleTable& rules = engine.rules(direction);
  ClauseFlows clauses(engine, direction);
  std::optional<RuleId> plain;
  bool isolated = false;
  for (const policy::PredicateId subject : *engine.classes(side).PredicatesOfClass(id)) {
    isolated = isolated || engine.Isolates(direction, subject);
    for (const RuleId rule : rules.BySubject(subject)) {
      if (rules.DimensionsOf(rule) > 1) {
        clauses.Add(rule, 1);
      } else if (!plain || rule < *plain) {
        plain = rule;  // two rules that allow everything: the smaller id answers for both
      }
    }
  }
  const Match match = OfClass(side, id);
  clauses.Render(match, owned);
  const uint64_t cookie = Cookie(owned.owner);
  if (plain) {
    owned.flows.push_back(MakeFlow(cookie, {TablesOf(direction).rule, priority::kPlainRule, match,
                                            Decide(direction, *plain)}));
  }
  if (isolated) {
    owned.flows.push_back(
        MakeFlow(cookie, {TablesOf(direction).isolation, priority::kDefault, match, Drop()}));
  }
}

void RenderAsPeer(const PolicyEngine& engine, Direction direction, ClassId id, OwnedFlows& owned) {
  const Side side = policy::PeerSide(direction);
  ClauseFlows clauses(engine, direction);
  for (const policy::PredicateId peer : *engine.classes(side).PredicatesOfClass(id)) {
    for (const RuleId rule : engine.rules(direction).ByPeer(peer)) clauses.Add(rule, 2);
  }
  clauses.Render(OfClass(side, id), owned);
}

}  // namespace

OwnedFlows RenderAddress(const PolicyEngine& engine, Side side, const Cidr& prefix) {
  OwnedFlows owned{AddressOwner(side, prefix), {}};
  const auto stamp = engine.classes(side).StampOf(prefix);
  if (!stamp) return owned;
  const bool source = side == Side::kSource;
  const bool v4 = prefix.family() == IpFamily::kIPv4;
  const Field field = source ? (v4 ? Field::kCtNwSrc : Field::kCtIpv6Src)
                             : (v4 ? Field::kCtNwDst : Field::kCtIpv6Dst);
  const auto precedence = static_cast<uint16_t>(priority::kPrefix + prefix.length());
  owned.flows.push_back(MakeFlow(Cookie(owned.owner),
                                 {source ? Table::kSourceClass : Table::kDestinationClass,
                                  precedence,
                                  Tracked(prefix.family()).Prefix(field, prefix),
                                  {Load(ClassField(side), stamp->value),
                                   GoTo(source ? Table::kDestinationClass : Table::kEgressRule)}}));
  return owned;
}

OwnedFlows RenderClass(const PolicyEngine& engine, Side side, ClassId id) {
  OwnedFlows owned{ClassOwner(side, id), {}};
  if (engine.classes(side).PredicatesOfClass(id) == nullptr) return owned;
  for (const Direction direction : {Direction::kIngress, Direction::kEgress}) {
    if (policy::SubjectSide(direction) == side) {
      RenderAsSubject(engine, direction, id, owned);
    } else {
      RenderAsPeer(engine, direction, id, owned);
    }
  }
  return owned;
}

OwnedFlows RenderRule(const PolicyEngine& engine, Direction direction, RuleId id) {
  OwnedFlows owned{RuleOwner(direction, id), {}};
  const policy::RuleTable& rules = engine.rules(direction);
  const Rule* rule = rules.Find(id);
  if (rule == nullptr || rule->dimensions() == 1) return owned;
  owned.flows.push_back(MakeFlow(Cookie(owned.owner),
                                 {TablesOf(direction).rule, BandPriority(rules.BandOf(id)),
                                  Match().Exact(Field::kConjId, id.value), Decide(direction, id)}));
  return owned;
}

OwnedFlows RenderService(const PolicyEngine& engine, Direction direction,
                         const policy::ServiceMatch& service, SctpPorts sctp) {
  OwnedFlows owned{ServiceOwner(direction, service), {}};
  const policy::RuleTable& rules = engine.rules(direction);
  ClauseFlows clauses(engine, direction);
  for (const RuleId id : rules.ByService(service)) {
    clauses.Add(id, rules.DimensionsOf(id));  // the last one
  }
  for (const IpFamily family : {IpFamily::kIPv4, IpFamily::kIPv6}) {
    clauses.Render(OfService(service, family, sctp), owned);
  }
  return owned;
}

std::vector<OwnedFlows> RenderChanges(const PolicyEngine& engine,
                                      const policy::PolicyChanges& changes, SctpPorts sctp) {
  std::vector<OwnedFlows> rendered;
  size_t owners = 0;
  for (const auto& of : changes.sides) owners += of.entries.size() + of.classes.size();
  for (const auto& of : changes.directions) owners += of.rules.size() + of.services.size();
  rendered.reserve(owners);
  for (const Side side : {Side::kSource, Side::kDestination}) {
    const auto& of = changes.sides[static_cast<size_t>(side)];
    for (const Cidr& prefix : of.entries) rendered.push_back(RenderAddress(engine, side, prefix));
    for (const ClassId id : of.classes) rendered.push_back(RenderClass(engine, side, id));
  }
  for (const Direction direction : {Direction::kIngress, Direction::kEgress}) {
    const auto& of = changes.directions[static_cast<size_t>(direction)];
    for (const RuleId id : of.rules) rendered.push_back(RenderRule(engine, direction, id));
    for (const auto& service : of.services) {
      rendered.push_back(RenderService(engine, direction, service, sctp));
    }
  }
  return rendered;
}

}  // namespace sluice::pipeline
