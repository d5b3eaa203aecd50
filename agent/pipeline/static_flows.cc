#include "agent/pipeline/static_flows.h"

#include "agent/pipeline/arp_answer.h"
#include "agent/pipeline/flow_parts.h"

namespace sluice::pipeline {
namespace {

using ofctl::Ct;
using ofctl::CtCommit;
using ofctl::kCtInv;
using ofctl::kCtNew;
using ofctl::kCtRel;
using ofctl::kCtTrk;
using ofctl::Match;
using ofctl::MoveField;
using ofctl::SetField;

constexpr uint64_t kStaticCookie = Cookie(kStaticOwner);
constexpr uint64_t kNodeCookie = Cookie(kNodeOwner);

// Remembers in the connection who let it in, and whether the node itself opened it.
ofctl::Action CommitConnection(Origin origin) {
  Ct ct{.commit = CtCommit::kYes, .zone = kZoneIPv4, .table = Number(Table::kOutput), .exec = {}};
  if (origin == Origin::kNode) ct.exec.emplace_back(SetField{kCtMarkFromNode, {0, 1}});
  ct.exec.emplace_back(MoveField{kIngressRuleId, kCtLabelIngressRule});
  ct.exec.emplace_back(MoveField{kEgressRuleId, kCtLabelEgressRule});
  return ct;
}

void AddConntrack(std::vector<ofctl::Flow>& flows) {
  // Open vSwitch takes protocol 0 in an original tuple for "no tuple": ct_nw_src and ct_nw_dst
  // would match nothing, and no class isolates. It must not get as far as conntrack.
  flows.push_back(MakeFlow(kStaticCookie, {Table::kConntrack,
                                           priority::kOverride,
                                           Match().Ip(IpFamily::kIPv4).Exact(Field::kNwProto, 0),
                                           {}}));
  flows.push_back(MakeFlow(kStaticCookie, {Table::kConntrack,
                                           priority::kDefault,
                                           Match().Ip(IpFamily::kIPv4),
                                           {Ct{.commit = CtCommit::kNo,
                                               .zone = kZoneIPv4,
                                               .table = Number(Table::kConntrackState),
                                               .exec = {}}}}));
  flows.push_back(MakeFlow(kStaticCookie, {Table::kConntrackState,
                                           priority::kOverride,
                                           Match().CtState({.set = kCtTrk | kCtInv, .clear = 0}),
                                           {}}));
  // An ICMP error is judged by the connection it tells of. A pod may tell of its own ones only
  // (endpoint_flows.cc lets those by): else it would borrow another pod's permissions.
  flows.push_back(
      MakeFlow(kStaticCookie, {Table::kConntrackState, kRelatedFromPod, RelatedFromPod(), {}}));
  // No short cut for established connections: every packet of both directions meets the rules of
  // its connection, so that a revoked permission ends it at once.
  flows.push_back(MakeFlow(kStaticCookie, {Table::kConntrackState,
                                           priority::kDefault,
                                           Tracked(IpFamily::kIPv4),
                                           {GoTo(Table::kSourceClass)}}));
}

void AddNodeExemption(std::vector<ofctl::Flow>& flows) {
  // "Traffic from a pod's local node is always allowed" (netpol rule 39): what the node opens, and
  // both directions of what it opened. What it merely forwards came in by the gateway port.
  flows.push_back(MakeFlow(
      kStaticCookie,
      {Table::kIngressRule, priority::kExempt, FromOrigin(Origin::kNode), {GoTo(Table::kCommit)}}));
  flows.push_back(
      MakeFlow(kStaticCookie, {Table::kIngressRule,
                               priority::kExempt,
                               Tracked(IpFamily::kIPv4)
                                   .Bits32(kCtMarkFromNode, 1)
                                   .Bits32(kOrigin, static_cast<uint32_t>(Origin::kPod)),
                               {GoTo(Table::kCommit)}}));
}

void AddCommit(std::vector<ofctl::Flow>& flows) {
  const auto fresh = [] {
    return Match().CtState({.set = kCtNew | kCtTrk, .clear = kCtRel}).Ip(IpFamily::kIPv4);
  };
  flows.push_back(
      MakeFlow(kStaticCookie, {Table::kCommit,
                               priority::kOverride,
                               fresh().Bits32(kOrigin, static_cast<uint32_t>(Origin::kNode)),
                               {CommitConnection(Origin::kNode)}}));
  flows.push_back(
      MakeFlow(kStaticCookie,
               {Table::kCommit, priority::kDefault, fresh(), {CommitConnection(Origin::kPod)}}));
}

void AddNodePort(uint32_t port, Origin origin, const MacAddress& mac,
                 std::vector<ofctl::Flow>& flows) {
  flows.push_back(MakeFlow(
      kNodeCookie, {Table::kClassifier,
                    priority::kDefault,
                    Match().Exact(Field::kInPort, port),
                    {Load(kOrigin, static_cast<uint64_t>(origin)), GoTo(Table::kSpoofGuard)}}));
  flows.push_back(
      MakeFlow(kNodeCookie,
               {Table::kSpoofGuard,
                priority::kDefault,
                Match().Exact(Field::kInPort, port).Mac(Field::kEthSrc, mac).Ip(IpFamily::kIPv4),
                {GoTo(Table::kConntrack)}}));
  flows.push_back(MakeFlow(
      kNodeCookie,
      {Table::kSpoofGuard,
       priority::kDefault,
       Match().Exact(Field::kInPort, port).Mac(Field::kEthSrc, mac).EthType(ofctl::kEthTypeArp),
       {GoTo(Table::kArpNd)}}));
}

}  // namespace

OwnedFlows RenderStatic() {
  OwnedFlows owned{kStaticOwner, {}};
  for (const TableSpec& spec : kTables) {
    if (spec.miss == Miss::kReturn) continue;
    ofctl::Actions actions;
    if (spec.miss == Miss::kNext) actions.push_back(GoTo(spec.next));
    owned.flows.push_back(
        MakeFlow(kStaticCookie, {spec.table, priority::kMiss, Match(), std::move(actions)}));
  }
  AddConntrack(owned.flows);
  AddNodeExemption(owned.flows);
  AddCommit(owned.flows);
  // L3Forward sets the port for every packet that gets here: no packet goes out by chance.
  owned.flows.push_back(MakeFlow(kStaticCookie, {Table::kOutput,
                                                 priority::kDefault,
                                                 Match().Ip(IpFamily::kIPv4),
                                                 {ofctl::OutputField{kOutputPort}}}));
  return owned;
}

OwnedFlows RenderNode(const NodePorts& ports) {
  OwnedFlows owned{kNodeOwner, {}};
  AddNodePort(ports.gateway.value, Origin::kGateway, ports.mac, owned.flows);
  AddNodePort(ofctl::kPortLocal, Origin::kNode, ports.mac, owned.flows);
  if (const auto address = ports.AddressOf(IpFamily::kIPv4)) {
    owned.flows.push_back(MakeFlow(kNodeCookie, {Table::kArpNd, priority::kDefault,
                                                 FromOrigin(Origin::kPod)
                                                     .EthType(ofctl::kEthTypeArp)
                                                     .Exact(Field::kArpOp, ofctl::kArpRequest)
                                                     .Exact(Field::kArpTpa, address->v4()),
                                                 AnswerArp({*address, ports.mac})}));
  }
  // What a pod sends and no pod of this node has the address of. Only from pods: what came from
  // outside for an address that nobody has ends here.
  owned.flows.push_back(
      MakeFlow(kNodeCookie, {Table::kL3Forward,
                             priority::kDefault,
                             FromOrigin(Origin::kPod).Ip(IpFamily::kIPv4),
                             {Load(Field::kEthDst, ports.mac.bits()),
                              Load(kOutputPort, ports.gateway.value), GoTo(Table::kIngressRule)}}));
  return owned;
}

}  // namespace sluice::pipeline
