#include "agent/pipeline/static_flows.h"

#include "agent/pipeline/arp_answer.h"
#include "agent/pipeline/discovery_flows.h"
#include "agent/pipeline/flow_parts.h"
#include "agent/pipeline/sctp_flows.h"

namespace sluice::pipeline {
namespace {

using ofctl::Ct;
using ofctl::CtCommit;
using ofctl::kCtInv;
using ofctl::kCtNew;
using ofctl::kCtRel;
using ofctl::kCtRpl;
using ofctl::kCtTrk;
using ofctl::Match;
using ofctl::MoveField;
using ofctl::SetField;

constexpr uint64_t kStaticCookie = Cookie(kStaticOwner);
constexpr uint64_t kNodeCookie = Cookie(kNodeOwner);

// A pod that plays a DHCP server: what only servers send to clients (RFC 2131, 4.1; RFC 8415, 7.2),
// on a connection that the pod opens or answers. By conntrack's ports: a table look-up sees none in
// a fragment, be it the first.
void AddDhcpGuard(IpFamily family, std::vector<ofctl::Flow>& flows) {
  const bool v4 = family == IpFamily::kIPv4;
  const uint16_t server = v4 ? 67 : 547;
  const uint16_t client = v4 ? 68 : 546;
  const auto guard = [&](const ofctl::CtStateSpec& state, uint16_t source, uint16_t destination) {
    flows.push_back(MakeFlow(kStaticCookie, {Table::kConntrackState, kDhcpServer,
                                             FromOrigin(Origin::kPod)
                                                 .CtState(state)
                                                 .Ip(family)
                                                 .Exact(Field::kCtNwProto, ofctl::kProtoUdp)
                                                 .Exact(Field::kCtTpSrc, source)
                                                 .Exact(Field::kCtTpDst, destination),
                                             Drop()}));
  };
  guard({.set = kCtTrk, .clear = kCtInv | kCtRpl}, server, client);
  guard({.set = kCtTrk | kCtRpl, .clear = kCtInv}, client, server);
}

void AddConntrack(IpFamily family, std::vector<ofctl::Flow>& flows) {
  // Open vSwitch takes protocol 0 in an original tuple for "no tuple": ct_nw_src and ct_nw_dst
  // would match nothing, and no class isolates. It must not get as far as conntrack.
  flows.push_back(MakeFlow(
      kStaticCookie, {Table::kConntrack, priority::kOverride, OfProtocol(family, 0), Drop()}));
  flows.push_back(MakeFlow(kStaticCookie, {Table::kConntrack,
                                           priority::kDefault,
                                           Match().Ip(family),
                                           {Ct{.commit = CtCommit::kNo,
                                               .zone = ZoneOf(family),
                                               .table = Number(Table::kConntrackState),
                                               .exec = {}}}}));
  // An ICMP error is judged by the connection it tells of. A pod may tell of its own ones only
  // (endpoint_flows.cc lets those by): else it would borrow another pod's permissions.
  flows.push_back(MakeFlow(kStaticCookie, {Table::kConntrackState, kRelatedFromPod,
                                           RelatedFromPod().Ip(family), Drop()}));
  // No short cut for established connections: every packet of both directions meets the rules of
  // its connection, so that a revoked permission ends it at once.
  flows.push_back(MakeFlow(
      kStaticCookie,
      {Table::kConntrackState, priority::kDefault, Tracked(family), {GoTo(Table::kSourceClass)}}));
}

void AddNodeExemption(SctpPorts sctp, std::vector<ofctl::Flow>& flows) {
  // "Traffic from a pod's local node is always allowed" (netpol rule 39): what the node opens, and
  // both directions of what it opened. What it merely forwards came in by the gateway port.
  const auto exempt = [&flows](Match match) {
    flows.push_back(MakeFlow(
        kStaticCookie,
        {Table::kIngressRule, priority::kExempt, std::move(match), {GoTo(Table::kCommit)}}));
  };
  exempt(FromOrigin(Origin::kNode));
  exempt(FromOrigin(Origin::kPod)
             .CtState({.set = kCtTrk, .clear = kCtInv})
             .Bits32(kCtMarkFromNode, 1));
  if (sctp == SctpPorts::kFromHeader) {
    exempt(FromOrigin(Origin::kPod).Bits32(kIsSctpReply, 1).Bits32(kSctpFromNode, 1));
  }
}

// Remembers in the connection who let it in, and whether the node itself opened it. The packet goes
// on at once: by `table` it would come back for a third look-up, of a third mask.
ofctl::Actions CommitConnection(IpFamily family, Origin origin) {
  Ct ct{.commit = CtCommit::kYes, .zone = ZoneOf(family), .table = {}, .exec = {}};
  if (origin == Origin::kNode) ct.exec.emplace_back(SetField{kCtMarkFromNode, {0, 1}});
  ct.exec.emplace_back(MoveField{kIngressRuleId, kCtLabelIngressRule});
  ct.exec.emplace_back(MoveField{kEgressRuleId, kCtLabelEgressRule});
  return {std::move(ct), GoTo(Table::kOutput)};
}

void AddCommit(IpFamily family, std::vector<ofctl::Flow>& flows) {
  const auto fresh = [family] {
    return Match().CtState({.set = kCtNew | kCtTrk, .clear = kCtRel}).Ip(family);
  };
  flows.push_back(
      MakeFlow(kStaticCookie, {Table::kCommit, priority::kOverride,
                               fresh().Bits32(kOrigin, static_cast<uint32_t>(Origin::kNode)),
                               CommitConnection(family, Origin::kNode)}));
  flows.push_back(MakeFlow(kStaticCookie, {Table::kCommit, priority::kDefault, fresh(),
                                           CommitConnection(family, Origin::kPod)}));
}

void AddNodePort(OfPort port, Origin origin, const NodePorts& ports,
                 std::vector<ofctl::Flow>& flows) {
  flows.push_back(MakeFlow(
      kNodeCookie, {Table::kClassifier,
                    priority::kDefault,
                    UntaggedFrom(port),
                    {Load(kOrigin, static_cast<uint64_t>(origin)), GoTo(Table::kSpoofGuard)}}));
  const auto from_node = [&] { return Match().InPort(port).Mac(Field::kEthSrc, ports.mac); };
  for (const IpFamily family : kFamilies) {
    flows.push_back(MakeFlow(kNodeCookie, {Table::kSpoofGuard,
                                           priority::kDefault,
                                           from_node().Ip(family),
                                           {GoTo(Table::kConntrack)}}));
  }
  flows.push_back(MakeFlow(kNodeCookie, {Table::kSpoofGuard,
                                         priority::kDefault,
                                         from_node().EthType(ofctl::kEthTypeArp),
                                         {GoTo(Table::kArpNd)}}));
  if (ports.sctp == SctpPorts::kFromHeader) {
    Append(SctpLearning({.port = port.value, .origin = origin, .cookie = kNodeCookie}), flows);
  }
}

void AddGateway(const IpAddress& address, const NodePorts& ports, std::vector<ofctl::Flow>& flows) {
  if (address.is_v4()) {
    flows.push_back(MakeFlow(kNodeCookie, {Table::kArpNd, priority::kDefault,
                                           FromOrigin(Origin::kPod)
                                               .EthType(ofctl::kEthTypeArp)
                                               .Exact(Field::kArpOp, ofctl::kArpRequest)
                                               .Exact(Field::kArpTpa, address.v4()),
                                           AnswerArp({address, ports.mac})}));
  }
  // What a pod sends and no pod of this node has the address of. Only from pods: what came from
  // outside for an address that nobody has ends here.
  flows.push_back(
      MakeFlow(kNodeCookie, {Table::kL3Forward,
                             priority::kDefault,
                             FromOrigin(Origin::kPod).Ip(address.family()),
                             {Load(Field::kEthDst, ports.mac.bits()),
                              Load(kOutputPort, ports.gateway.value), GoTo(Table::kIngressRule)}}));
}

ofctl::Actions OnMiss(const TableSpec& spec) {
  if (spec.miss == Miss::kNext) return {GoTo(spec.next)};
  return spec.table == Table::kDrop ? ofctl::Actions() : Drop();
}

// Matched first, and does what the flow below it does: to have looked at the bit is all that it is
// for.
void AddLook(const SubField& bit, FlowSpec below, std::vector<ofctl::Flow>& flows) {
  below.priority = priority::kOverride;
  below.match.Bits32(bit, 0);
  flows.push_back(MakeFlow(kStaticCookie, std::move(below)));
}

void AddOutput(IpFamily family, std::vector<ofctl::Flow>& flows) {
  // L3Forward sets the port for every packet that gets here: no packet goes out by chance.
  const FlowSpec output{
      Table::kOutput, priority::kDefault, Match().Ip(family), {ofctl::OutputField{kOutputPort}}};
  flows.push_back(MakeFlow(kStaticCookie, output));
  AddLook(kOutputBit, output, flows);
}

}  // namespace

OwnedFlows RenderStatic(SctpPorts sctp) {
  OwnedFlows owned{kStaticOwner, {}};
  for (const TableSpec& spec : kTables) {
    if (spec.miss == Miss::kReturn) continue;
    owned.flows.push_back(
        MakeFlow(kStaticCookie, {spec.table, priority::kMiss, Match(), OnMiss(spec)}));
  }
  AddLook(kDropBit, {Table::kDrop, priority::kMiss, Match(), {}}, owned.flows);
  Append(DiscoveryGuard(kStaticCookie), owned.flows);
  AddNodeExemption(sctp, owned.flows);
  if (sctp == SctpPorts::kFromHeader) Append(SctpPath(kStaticCookie), owned.flows);
  owned.flows.push_back(
      MakeFlow(kStaticCookie, {Table::kConntrackState, priority::kOverride,
                               Match().CtState({.set = kCtTrk | kCtInv, .clear = 0}), Drop()}));
  for (const IpFamily family : kFamilies) {
    AddConntrack(family, owned.flows);
    AddDhcpGuard(family, owned.flows);
    AddCommit(family, owned.flows);
    AddOutput(family, owned.flows);
  }
  return owned;
}

OwnedFlows RenderNode(const NodePorts& ports) {
  OwnedFlows owned{kNodeOwner, {}};
  AddNodePort(ports.gateway, Origin::kGateway, ports, owned.flows);
  AddNodePort(OfPort{ofctl::kPortLocal}, Origin::kNode, ports, owned.flows);
  for (const IpFamily family : kFamilies) {
    if (const auto address = ports.AddressOf(family)) AddGateway(*address, ports, owned.flows);
  }
  Append(GatewayDiscovery(ports, kNodeCookie), owned.flows);
  return owned;
}

}  // namespace sluice::pipeline
