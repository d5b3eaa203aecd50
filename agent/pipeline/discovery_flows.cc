#include "agent/pipeline/discovery_flows.h"

#include <algorithm>

#include "agent/pipeline/flow_parts.h"

namespace sluice::pipeline {
namespace {

using ofctl::Flow;
using ofctl::kNdNeighborAdvert;
using ofctl::kNdNeighborSolicit;
using ofctl::Match;

// RFC 4861, 7.1: the hop limit of what somebody forwarded is below 255.
Match FirstHand(uint8_t type) { return Discovery(type).Exact(Field::kNwTtl, 255); }

// ff02::1:ffXX:XXXX (RFC 4291, 2.7.1): where those who have the address listen.
IpAddress SolicitedNode(const IpAddress& address) {
  IpAddress::Bytes group{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0xff};
  std::copy(address.bytes().begin() + 13, address.bytes().end(), group.begin() + 13);
  return IpAddress::FromV6(group);
}

}  // namespace

std::vector<Flow> DiscoveryGuard(uint64_t cookie) {
  std::vector<Flow> flows;
  for (const uint8_t type : {ofctl::kNdRouterSolicit, ofctl::kNdRouterAdvert, kNdNeighborSolicit,
                             kNdNeighborAdvert, ofctl::kNdRedirect}) {
    flows.push_back(MakeFlow(
        cookie,
        {Table::kSpoofGuard, priority::kOverride,
         OfProtocol(IpFamily::kIPv6, ofctl::kProtoIcmpV6).Exact(Field::kTpSrc, type), Drop()}));
  }
  return flows;
}

std::vector<Flow> GatewayDiscovery(const NodePorts& node, uint64_t cookie) {
  std::vector<Flow> flows;
  const auto address = node.AddressOf(IpFamily::kIPv6);
  if (!address) return flows;
  const Match answer = FirstHand(kNdNeighborAdvert)
                           .InPort(node.gateway)
                           .Mac(Field::kEthSrc, node.mac)
                           .Prefix(Field::kIpv6Src, Cidr::Host(*address))
                           .Prefix(Field::kNdTarget, Cidr::Host(*address));
  flows.push_back(
      MakeFlow(cookie, {Table::kSpoofGuard, priority::kException, answer, {GoTo(Table::kArpNd)}}));
  // Sent to the gateway and nobody beyond it: the node would forward the rest past every policy.
  for (const IpAddress& destination : {*address, SolicitedNode(*address)}) {
    const Match question = Discovery(kNdNeighborSolicit)
                               .Bits32(kOrigin, static_cast<uint32_t>(Origin::kPod))
                               .Prefix(Field::kIpv6Dst, Cidr::Host(destination))
                               .Prefix(Field::kNdTarget, Cidr::Host(*address));
    flows.push_back(MakeFlow(
        cookie, {Table::kArpNd,
                 priority::kDefault,
                 question,
                 {Load(Field::kEthDst, node.mac.bits()), ofctl::Output{node.gateway.value}}}));
  }
  return flows;
}

std::vector<Flow> EndpointDiscovery(const store::Endpoint& endpoint, const IpAddress& ip,
                                    uint64_t cookie) {
  const Match question = FirstHand(kNdNeighborSolicit)
                             .InPort(*endpoint.ofport)
                             .Mac(Field::kEthSrc, endpoint.mac)
                             .Prefix(Field::kIpv6Src, Cidr::Host(ip))
                             .Mac(Field::kNdSll, endpoint.mac);
  const Match answer = Discovery(kNdNeighborAdvert)
                           .Bits32(kOrigin, static_cast<uint32_t>(Origin::kGateway))
                           .Prefix(Field::kIpv6Dst, Cidr::Host(ip));
  return {
      MakeFlow(cookie, {Table::kSpoofGuard, priority::kException, question, {GoTo(Table::kArpNd)}}),
      MakeFlow(cookie, {Table::kArpNd,
                        priority::kDefault,
                        answer,
                        {Load(Field::kEthDst, endpoint.mac.bits()),
                         ofctl::Output{endpoint.ofport->value}}}),
  };
}

}  // namespace sluice::pipeline
