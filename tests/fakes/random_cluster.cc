#include "tests/fakes/random_cluster.h"

#include <algorithm>

#include "tests/fakes/builders.h"

namespace sluice::fakes {
namespace {

using store::ObjectKind;
using store::Protocol;

const std::vector<std::string> kNamespaces = {"a", "b", "c"};
constexpr uint32_t kPodsPerNamespace = 4;
const std::vector<std::string> kLabelKeys = {"app", "tier"};
const std::vector<std::string> kLabelValues = {"", "x", "y", "z"};
const std::vector<uint16_t> kPorts = {0, 79, 80, 81, 443, 8000, 8500, 65535};
const std::vector<uint8_t> kProtocols = {6, 6, 6, 17, 17, 132, 1};

}  // namespace

std::string ToString(const ClusterEvent& event) {
  if (const auto* object = std::get_if<store::StoreEvent>(&event)) {
    return std::string(object->object ? "put " : "delete ") +
           std::string(store::ToString(object->kind)) + " " + object->key.ToString();
  }
  if (const auto* endpoint = std::get_if<store::Endpoint>(&event)) {
    return "attach " + endpoint->id.ToString();
  }
  return "detach " + std::get<store::AttachmentId>(event).ToString();
}

void ClusterState::Apply(const ClusterEvent& event) {
  if (const auto* change = std::get_if<store::StoreEvent>(&event)) {
    objects.erase({change->kind, change->key});
    if (change->object) objects.emplace(std::pair(change->kind, change->key), *change->object);
  } else if (const auto* endpoint = std::get_if<store::Endpoint>(&event)) {
    endpoints.insert_or_assign(endpoint->id, *endpoint);
  } else {
    endpoints.erase(std::get<store::AttachmentId>(event));
  }
}

std::vector<ClusterEvent> ClusterState::Events() const {
  std::vector<ClusterEvent> events;
  for (const auto& [key, object] : objects) events.emplace_back(Present(object));
  for (const auto& [id, endpoint] : endpoints) events.emplace_back(endpoint);
  return events;
}

uint32_t RandomCluster::Below(uint32_t bound) {
  return static_cast<uint32_t>(random_() % bound);  // the same with every standard library
}

ClusterEvent RandomCluster::Next() {
  const uint32_t what = Below(100);
  ClusterEvent event = what < 8    ? NamespaceEvent()
                       : what < 40 ? PodEvent()
                       : what < 65 ? PolicyEvent()
                                   : EndpointEvent();
  state_.Apply(event);
  return event;
}

ClusterEvent RandomCluster::NamespaceEvent() {
  const std::string& name = OneOf(kNamespaces);
  if (Chance(25)) return Gone(NamespaceOf(name));
  return Present(NamespaceOf(name, SomeLabels()));
}

store::ObjectKey RandomCluster::SomePodKey() {
  return {OneOf(kNamespaces), "p" + std::to_string(Below(kPodsPerNamespace))};
}

// 10.0.0.0/27, 10.0.0.32/27, 10.0.0.64/27: one a namespace.
IpAddress RandomCluster::AddressOf(const store::ObjectKey& pod) {
  const auto ns = static_cast<uint32_t>(pod.ns[0] - 'a');
  const auto number = static_cast<uint32_t>(pod.name[1] - '0');
  return IpAddress::FromV4(0x0a000000 + 32 * ns + 1 + 5 * number);
}

IpAddress RandomCluster::SomeAddress() {
  if (Chance(80)) return AddressOf(SomePodKey());
  if (Chance(50)) return IpAddress::FromV4(0x0a000000 + Below(128));
  if (spec_.addresses == Addresses::kShared && Chance(20)) return Ip("fd00::1");
  return OneOf(std::vector{Ip("0.0.0.0"), Ip("255.255.255.255"), Ip("10.255.0.1"),
                           Ip("192.168.7.9"), Ip("9.255.255.255"), Ip("11.0.0.0")});
}

store::Labels RandomCluster::SomeLabels() {
  store::Labels labels;
  for (const std::string& key : kLabelKeys) {
    if (Chance(70)) labels[key] = OneOf(kLabelValues);
  }
  return labels;
}

ClusterEvent RandomCluster::PodEvent() {
  store::Pod pod;
  pod.key = SomePodKey();
  if (Chance(12)) return Gone(pod);
  pod.labels = SomeLabels();
  pod.uid = Chance(90) ? "u1" : "u2";
  pod.phase = Chance(90) ? store::PodPhase::kRunning
                         : OneOf(std::vector{store::PodPhase::kSucceeded, store::PodPhase::kFailed,
                                             store::PodPhase::kPending});
  if (Chance(5)) pod.host_network = store::HostNetwork::kYes;
  const bool shared = spec_.addresses == Addresses::kShared;
  if (Chance(85)) pod.ips.push_back(AddressOf(shared && Chance(15) ? SomePodKey() : pod.key));
  if (shared && Chance(10)) pod.ips.push_back(Ip("fd00::1"));
  return Present(pod);
}

ClusterEvent RandomCluster::EndpointEvent() {
  store::Pod pod;
  pod.key = SomePodKey();
  const bool shared = spec_.addresses == Addresses::kShared;
  pod.uid = Chance(80) ? "u1" : "";
  pod.ips = {AddressOf(shared && Chance(10) ? SomePodKey() : pod.key)};
  const auto number = static_cast<uint32_t>(pod.key.name[1] - '0');
  const auto ns = static_cast<uint32_t>(pod.key.ns[0] - 'a');
  store::Endpoint endpoint = EndpointOf(pod, {100 + 10 * ns + number});
  if (Chance(20)) return endpoint.id;
  if (Chance(10)) endpoint.ofport.reset();
  return endpoint;
}

store::LabelSelector RandomCluster::SomeSelector() {
  Requirements requirements;
  for (uint32_t count = Below(3); count > 0; --count) {
    const std::string& key = OneOf(kLabelKeys);
    const std::vector<std::string> two = {OneOf(kLabelValues), OneOf(kLabelValues)};
    switch (Below(5)) {
      case 0:
        requirements.push_back(Is(key, OneOf(kLabelValues)));
        break;
      case 1:
        requirements.push_back(In(key, two));
        break;
      case 2:
        requirements.push_back(NotIn(key, two));
        break;
      case 3:
        requirements.push_back(Exists(key));
        break;
      default:
        requirements.push_back(Absent(key));
    }
  }
  return Where(std::move(requirements));
}

store::IpBlock RandomCluster::SomeBlock() {
  const std::vector<uint8_t> lengths = {0, 5, 8, 24, 25, 26, 27, 28, 29, 30, 31, 32};
  const uint8_t length = OneOf(lengths);
  store::IpBlock block;
  IpAddress address = SomeAddress();
  if (!address.is_v4()) address = AddressOf(SomePodKey());
  block.cidr = Cidr::Of(address, length);
  if (spec_.addresses == Addresses::kShared && Chance(5)) return Block("fd00::/64");  // refused
  for (uint32_t tries = Below(4); tries > 0; --tries) {
    const Cidr hole = Cidr::Of(AddressOf(SomePodKey()), OneOf(lengths));
    if (hole.length() > length && block.cidr.Contains(hole)) block.except.push_back(hole);
  }
  std::sort(block.except.begin(), block.except.end());
  block.except.erase(std::unique(block.except.begin(), block.except.end()), block.except.end());
  return block;
}

store::Peer RandomCluster::SomePeer() {
  store::Peer peer;
  const uint32_t shape = Below(10);
  if (shape < 4) {
    peer.ip_block = SomeBlock();
    return peer;
  }
  if (shape != 4 && shape != 5) peer.pod_selector = SomeSelector();
  if (shape < 8) peer.namespace_selector = SomeSelector();
  return peer;
}

store::PolicyPort RandomCluster::SomePort() {
  store::PolicyPort port;
  port.protocol = Chance(65) ? Protocol::kTcp : Protocol::kUdp;
  const uint32_t shape = Below(20);
  if (shape == 0) {
    port.protocol = Protocol::kSctp;  // refused
  } else if (shape == 1) {
    port.port = "http";  // refused
  } else if (shape < 5) {
    return port;
  } else {
    const uint16_t first = std::max<uint16_t>(1, OneOf(kPorts));
    port.port = first;
    if (shape > 14) port.end = std::max(first, OneOf(kPorts));
  }
  return port;
}

std::vector<store::PolicyRule> RandomCluster::SomeRules() {
  std::vector<store::PolicyRule> rules(Below(3));
  for (store::PolicyRule& rule : rules) {
    for (uint32_t count = Below(4); count > 0; --count) rule.peers.push_back(SomePeer());
    for (uint32_t count = Below(3); count > 0; --count) rule.ports.push_back(SomePort());
  }
  return rules;
}

ClusterEvent RandomCluster::PolicyEvent() {
  store::NetworkPolicy policy;
  policy.key = {OneOf(kNamespaces), "np" + std::to_string(Below(4))};
  if (Chance(20)) return Gone(policy);
  policy.pod_selector = Chance(45) ? store::LabelSelector{} : SomeSelector();
  const uint32_t types = Below(4);
  if (types != 0) policy.ingress = SomeRules();
  if (types != 1) policy.egress = SomeRules();
  return Present(policy);
}

policy::Connection RandomCluster::SomeConnection() {
  return {SomeAddress(), SomeAddress(), OneOf(kProtocols), OneOf(kPorts)};
}

}  // namespace sluice::fakes
