#include "tests/fuzz/probe_pool.h"

namespace sluice::fuzz {
namespace {

constexpr uint8_t kTcp = 6;
constexpr uint8_t kUdp = 17;
constexpr uint8_t kSctp = 132;
constexpr uint8_t kGre = 47;
constexpr uint8_t kIcmp = 1;
constexpr uint8_t kIcmpV6 = 58;

uint8_t SomeIpProtocol(IpFamily family, Dice& dice) {
  if (dice.Chance(3)) return kGre;
  if (dice.Chance(3)) return family == IpFamily::kIPv4 ? kIcmp : kIcmpV6;
  return dice.OneOf({kTcp, kTcp, kTcp, kUdp, kUdp, kSctp});
}

bool HasPorts(uint8_t ip_protocol) {
  return ip_protocol == kTcp || ip_protocol == kUdp || ip_protocol == kSctp;
}

}  // namespace

IpAddress NodeAddress(IpFamily family) {
  if (family == IpFamily::kIPv4) return IpAddress::FromV4(0xa9fe0101);  // 169.254.1.1
  return IpAddress::FromV6({0xfd, 0x99, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
}

ProbePool::ProbePool(const World& world, const oracle::Cluster& cluster)
    : sctp_(world.features.sctp) {
  for (const auto& [id, endpoint] : cluster.endpoints) {
    for (const IpAddress& ip : endpoint.ips) (ip.is_v4() ? v4_ : v6_).here.push_back(ip);
  }
  for (const IpAddress& ip : world.v4) AddAddress(ip);
  for (const IpAddress& ip : world.v6) AddAddress(ip);
  AddAddress(IpAddress::FromV4(0xc0000201));  // 192.0.2.1, of nobody
  if (world.features.ipv6) AddAddress(IpAddress::FromV6({0x20, 0x01, 0x0d, 0xb8}));
  for (const uint16_t port : std::initializer_list<uint16_t>{1, 80, 81, 65535}) AddPort(port);
  for (const auto& [key, pod] : cluster.pods) AddPod(pod, cluster);
  for (const auto& [key, policy] : cluster.policies) {
    if (policy.ingress) AddRules(*policy.ingress);
    if (policy.egress) AddRules(*policy.egress);
  }
}

void ProbePool::AddPod(const store::Pod& pod, const oracle::Cluster& cluster) {
  std::vector<IpAddress> addresses = pod.ips;
  for (const auto& [id, endpoint] : cluster.endpoints) {
    if (endpoint.pod != pod.key) continue;
    addresses.insert(addresses.end(), endpoint.ips.begin(), endpoint.ips.end());
  }
  for (const store::ContainerPort& port : pod.ports) {
    ports_.push_back(port.number);
    for (const IpAddress& address : addresses) {
      targets_.push_back({address, static_cast<uint8_t>(port.protocol), port.number});
    }
  }
}

void ProbePool::AddAddress(const IpAddress& address) {
  (address.is_v4() ? v4_ : v6_).edges.push_back(address);
}

void ProbePool::AddEdges(const Cidr& prefix) {
  AddAddress(prefix.network());
  AddAddress(Before(prefix.network()));
  AddAddress(LastOf(prefix));
  AddAddress(After(LastOf(prefix)));
}

void ProbePool::AddPort(uint16_t port) {
  for (int often = 0; often < 4; ++often) ports_.push_back(port);
  ports_.push_back(static_cast<uint16_t>(port - 1));
  ports_.push_back(static_cast<uint16_t>(port + 1));
}

void ProbePool::AddRules(const std::vector<store::PolicyRule>& rules) {
  for (const store::PolicyRule& rule : rules) {
    for (const store::Peer& peer : rule.peers) {
      if (!peer.ip_block) continue;
      AddEdges(peer.ip_block->cidr);
      for (const Cidr& hole : peer.ip_block->except) AddEdges(hole);
    }
    for (const store::PolicyPort& port : rule.ports) {
      if (const auto* number = std::get_if<uint16_t>(&port.port)) AddPort(*number);
      if (port.end) AddPort(*port.end);
    }
  }
}

const IpAddress& ProbePool::SomeAddress(const OfFamily& of, Dice& dice) {
  return dice.OneOf(!of.here.empty() && dice.Chance(60) ? of.here : of.edges);
}

oracle::Connection ProbePool::ToTarget(const Target& target, Dice& dice) const {
  oracle::Connection connection;
  connection.source = SomeAddress(target.address.is_v4() ? v4_ : v6_, dice);
  connection.destination = target.address;
  connection.ip_protocol = target.ip_protocol;
  connection.port = target.port;
  return connection;
}

oracle::Connection ProbePool::Some(Dice& dice) const {
  if (!targets_.empty() && dice.Chance(25)) return ToTarget(dice.OneOf(targets_), dice);
  const bool v6 = !v6_.edges.empty() && dice.Chance(45);
  const IpFamily family = v6 ? IpFamily::kIPv6 : IpFamily::kIPv4;
  oracle::Connection connection;
  connection.source = SomeAddress(v6 ? v6_ : v4_, dice);
  connection.destination = SomeAddress(v6 ? v6_ : v4_, dice);
  if (dice.Chance(2)) {
    connection.opener = oracle::Opener::kThisNode;
    connection.source = NodeAddress(family);
  }
  connection.ip_protocol = SomeIpProtocol(family, dice);
  if (!sctp_ && connection.ip_protocol == kSctp) connection.ip_protocol = kTcp;
  if (HasPorts(connection.ip_protocol)) connection.port = dice.OneOf(ports_);
  return connection;
}

}  // namespace sluice::fuzz
