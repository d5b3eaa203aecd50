#include "agent/pipeline/endpoint_flows.h"

#include "agent/pipeline/arp_answer.h"
#include "agent/pipeline/discovery_flows.h"
#include "agent/pipeline/flow_parts.h"
#include "agent/pipeline/sctp_flows.h"

namespace sluice::pipeline {
namespace {

using ofctl::Match;

void AddArp(const store::Endpoint& endpoint, const IpAddress& ip, uint64_t cookie,
            std::vector<ofctl::Flow>& flows) {
  flows.push_back(MakeFlow(cookie, {Table::kSpoofGuard,
                                    priority::kDefault,
                                    Match()
                                        .InPort(*endpoint.ofport)
                                        .Mac(Field::kEthSrc, endpoint.mac)
                                        .EthType(ofctl::kEthTypeArp)
                                        .Exact(Field::kArpSpa, ip.v4())
                                        .Mac(Field::kArpSha, endpoint.mac),
                                    {GoTo(Table::kArpNd)}}));
  // The node asks for its pods; pods ask only for their gateway.
  for (const Origin origin : {Origin::kGateway, Origin::kNode}) {
    flows.push_back(MakeFlow(cookie, {Table::kArpNd, priority::kDefault,
                                      FromOrigin(origin)
                                          .EthType(ofctl::kEthTypeArp)
                                          .Exact(Field::kArpOp, ofctl::kArpRequest)
                                          .Exact(Field::kArpTpa, ip.v4()),
                                      AnswerArp({ip, endpoint.mac})}));
  }
}

void AddAddress(const store::Endpoint& endpoint, const IpAddress& ip, const MacAddress& gateway_mac,
                uint64_t cookie, std::vector<ofctl::Flow>& flows) {
  const OfPort port = *endpoint.ofport;
  const Cidr host = Cidr::Host(ip);
  const AddressFields fields = FieldsOf(ip.family());
  flows.push_back(MakeFlow(cookie, {Table::kSpoofGuard,
                                    priority::kDefault,
                                    Match()
                                        .InPort(port)
                                        .Mac(Field::kEthSrc, endpoint.mac)
                                        .Ip(ip.family())
                                        .Prefix(fields.source, host),
                                    {GoTo(Table::kConntrack)}}));
  // Nobody outside has a pod's address: what comes in with it borrows the pod's permissions.
  flows.push_back(MakeFlow(
      cookie, {Table::kSpoofGuard, priority::kOverride,
               FromOrigin(Origin::kGateway).Ip(ip.family()).Prefix(fields.source, host), Drop()}));
  // ICMP errors about its own connections, as either end of them.
  for (const Field end : {fields.original_source, fields.original_destination}) {
    flows.push_back(MakeFlow(
        cookie, {Table::kConntrackState,
                 kRelatedToOwn,
                 RelatedFromPod().Ip(ip.family()).Prefix(fields.source, host).Prefix(end, host),
                 {GoTo(Table::kSourceClass)}}));
  }
  // By the address alone: a forged destination MAC chooses nothing.
  flows.push_back(MakeFlow(
      cookie, {Table::kL3Forward,
               priority::kOverride,
               Match().Ip(ip.family()).Prefix(fields.destination, host),
               {Load(Field::kEthSrc, gateway_mac.bits()), Load(Field::kEthDst, endpoint.mac.bits()),
                Load(kOutputPort, port.value), GoTo(Table::kIngressRule)}}));
}

}  // namespace

OwnedFlows RenderEndpoint(const store::EndpointState& state, const NodePorts& node) {
  const store::Endpoint& endpoint = state.endpoint;
  OwnedFlows owned{EndpointOwner(endpoint.id), {}};
  if (state.gate == store::Gate::kClosed || !endpoint.ofport) return owned;
  const uint32_t port = endpoint.ofport->value;
  const uint64_t cookie = Cookie({Category::kEndpoint, 0, 0, {0, port}});
  owned.flows.push_back(MakeFlow(
      cookie, {Table::kClassifier,
               priority::kDefault,
               UntaggedFrom(*endpoint.ofport),
               {Load(kOrigin, static_cast<uint64_t>(Origin::kPod)), GoTo(Table::kSpoofGuard)}}));
  for (const IpAddress& ip : endpoint.ips) {
    AddAddress(endpoint, ip, node.mac, cookie, owned.flows);
    if (ip.is_v4()) {
      AddArp(endpoint, ip, cookie, owned.flows);
    } else {
      Append(EndpointDiscovery(endpoint, ip, cookie), owned.flows);
    }
  }
  if (node.sctp == SctpPorts::kFromHeader) {
    Append(SctpLearning({.port = port, .origin = Origin::kPod, .cookie = cookie}), owned.flows);
  }
  return owned;
}

}  // namespace sluice::pipeline
