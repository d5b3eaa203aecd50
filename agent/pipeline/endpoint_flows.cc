#include "agent/pipeline/endpoint_flows.h"

#include "agent/pipeline/arp_answer.h"
#include "agent/pipeline/flow_parts.h"

namespace sluice::pipeline {
namespace {

using ofctl::Match;

void AddAddress(const store::Endpoint& endpoint, const IpAddress& ip, const MacAddress& gateway_mac,
                uint64_t cookie, std::vector<ofctl::Flow>& flows) {
  const OfPort port = *endpoint.ofport;
  const auto from_pod = [&] { return Match().InPort(port).Mac(Field::kEthSrc, endpoint.mac); };
  flows.push_back(MakeFlow(cookie, {Table::kSpoofGuard,
                                    priority::kDefault,
                                    from_pod().Ip(IpFamily::kIPv4).Exact(Field::kNwSrc, ip.v4()),
                                    {GoTo(Table::kConntrack)}}));
  flows.push_back(MakeFlow(cookie, {Table::kSpoofGuard,
                                    priority::kDefault,
                                    from_pod()
                                        .EthType(ofctl::kEthTypeArp)
                                        .Exact(Field::kArpSpa, ip.v4())
                                        .Mac(Field::kArpSha, endpoint.mac),
                                    {GoTo(Table::kArpNd)}}));
  // Nobody outside has a pod's address: what comes in with it borrows the pod's permissions.
  flows.push_back(MakeFlow(
      cookie, {Table::kSpoofGuard,
               priority::kOverride,
               FromOrigin(Origin::kGateway).Ip(IpFamily::kIPv4).Exact(Field::kNwSrc, ip.v4()),
               {}}));
  // ICMP errors about its own connections, as either end of them.
  for (const Field end : {Field::kCtNwSrc, Field::kCtNwDst}) {
    flows.push_back(
        MakeFlow(cookie, {Table::kConntrackState,
                          kRelatedToOwn,
                          RelatedFromPod().Exact(Field::kNwSrc, ip.v4()).Exact(end, ip.v4()),
                          {GoTo(Table::kSourceClass)}}));
  }
  // The node asks for its pods; pods ask only for their gateway.
  for (const Origin origin : {Origin::kGateway, Origin::kNode}) {
    flows.push_back(MakeFlow(cookie, {Table::kArpNd, priority::kDefault,
                                      FromOrigin(origin)
                                          .EthType(ofctl::kEthTypeArp)
                                          .Exact(Field::kArpOp, ofctl::kArpRequest)
                                          .Exact(Field::kArpTpa, ip.v4()),
                                      AnswerArp({ip, endpoint.mac})}));
  }
  // By the address alone: a forged destination MAC chooses nothing.
  flows.push_back(MakeFlow(
      cookie, {Table::kL3Forward,
               priority::kOverride,
               Match().Ip(IpFamily::kIPv4).Exact(Field::kNwDst, ip.v4()),
               {Load(Field::kEthSrc, gateway_mac.bits()), Load(Field::kEthDst, endpoint.mac.bits()),
                Load(kOutputPort, port.value), GoTo(Table::kIngressRule)}}));
}

}  // namespace

OwnedFlows RenderEndpoint(const store::EndpointState& state, const MacAddress& gateway_mac) {
  const store::Endpoint& endpoint = state.endpoint;
  OwnedFlows owned{EndpointOwner(endpoint.id), {}};
  if (state.gate == store::Gate::kClosed || !endpoint.ofport) return owned;
  const uint64_t cookie = Cookie({Category::kEndpoint, 0, 0, {0, endpoint.ofport->value}});
  owned.flows.push_back(MakeFlow(
      cookie, {Table::kClassifier,
               priority::kDefault,
               Match().InPort(*endpoint.ofport),
               {Load(kOrigin, static_cast<uint64_t>(Origin::kPod)), GoTo(Table::kSpoofGuard)}}));
  for (const IpAddress& ip : endpoint.ips) {
    if (ip.is_v4()) AddAddress(endpoint, ip, gateway_mac, cookie, owned.flows);
  }
  return owned;
}

}  // namespace sluice::pipeline
