#include "tests/fakes/builders.h"

namespace sluice::fakes {

RuleBuilder& RuleBuilder::Pods(Requirements pods) {
  store::Peer peer;
  peer.pod_selector = Where(std::move(pods));
  return Peer(peer);
}

RuleBuilder& RuleBuilder::Namespaces(Requirements namespaces) {
  store::Peer peer;
  peer.namespace_selector = Where(std::move(namespaces));
  return Peer(peer);
}

RuleBuilder& RuleBuilder::PodsIn(Requirements namespaces, Requirements pods) {
  store::Peer peer;
  peer.namespace_selector = Where(std::move(namespaces));
  peer.pod_selector = Where(std::move(pods));
  return Peer(peer);
}

RuleBuilder& RuleBuilder::Block(std::string_view cidr, const std::vector<std::string>& except) {
  store::Peer peer;
  peer.ip_block = fakes::Block(cidr, except);
  return Peer(peer);
}

RuleBuilder& RuleBuilder::Peer(const store::Peer& peer) {
  rule_.peers.push_back(peer);
  return *this;
}

RuleBuilder& RuleBuilder::Tcp(uint16_t port) { return TcpRange({port, port}); }

RuleBuilder& RuleBuilder::Udp(uint16_t port) {
  store::PolicyPort entry;
  entry.protocol = store::Protocol::kUdp;
  entry.port = port;
  return Port(entry);
}

RuleBuilder& RuleBuilder::TcpRange(std::pair<uint16_t, uint16_t> range) {
  store::PolicyPort entry;
  entry.port = range.first;
  if (range.second != range.first) entry.end = range.second;
  return Port(entry);
}

RuleBuilder& RuleBuilder::Every(store::Protocol protocol) {
  store::PolicyPort entry;
  entry.protocol = protocol;
  return Port(entry);
}

RuleBuilder& RuleBuilder::Named(const std::string& name) {
  store::PolicyPort entry;
  entry.port = name;
  return Port(entry);
}

RuleBuilder& RuleBuilder::Port(const store::PolicyPort& port) {
  rule_.ports.push_back(port);
  return *this;
}

}  // namespace sluice::fakes
