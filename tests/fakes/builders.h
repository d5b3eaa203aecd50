// Builders: objects of the cluster in a few readable words, for the "given" of a test.
//
//   PolicyBuilder("shop", "db").Selects({Is("app", "db")}).Ingress(
//       RuleBuilder().Pods({Is("app", "api")}).Tcp(5432))
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/store/endpoint.h"
#include "agent/store/objects.h"
#include "ofctl/base/ip.h"

namespace sluice::fakes {

// The text must parse: std::bad_variant_access otherwise.
inline IpAddress Ip(std::string_view text) { return ParseIp(text).value(); }
inline Cidr Prefix(std::string_view text) { return ParseCidr(text).value(); }

using Requirements = std::vector<store::Requirement>;

inline store::Requirement In(std::string key, std::vector<std::string> values) {
  return {std::move(key), store::SelectorOperator::kIn, std::move(values)};
}
inline store::Requirement Is(std::string key, std::string value) {
  return In(std::move(key), {std::move(value)});
}
inline store::Requirement NotIn(std::string key, std::vector<std::string> values) {
  return {std::move(key), store::SelectorOperator::kNotIn, std::move(values)};
}
inline store::Requirement Exists(std::string key) {
  return {std::move(key), store::SelectorOperator::kExists, {}};
}
inline store::Requirement Absent(std::string key) {
  return {std::move(key), store::SelectorOperator::kDoesNotExist, {}};
}

inline store::LabelSelector Where(Requirements requirements) {
  return store::LabelSelector(std::move(requirements));
}

inline store::IpBlock Block(std::string_view cidr, const std::vector<std::string>& except = {}) {
  store::IpBlock block{Prefix(cidr), {}};
  for (const std::string& hole : except) block.except.push_back(Prefix(hole));
  return block;
}

class PodBuilder {
 public:
  PodBuilder(std::string ns, std::string name) {
    pod_.key = {std::move(ns), std::move(name)};
    pod_.phase = store::PodPhase::kRunning;
  }
  PodBuilder& Labels(store::Labels labels) { return pod_.labels = std::move(labels), *this; }
  PodBuilder& Ip(std::string_view ip) { return pod_.ips.push_back(fakes::Ip(ip)), *this; }
  PodBuilder& Port(const store::ContainerPort& port) { return pod_.ports.push_back(port), *this; }
  PodBuilder& Uid(std::string uid) { return pod_.uid = std::move(uid), *this; }
  PodBuilder& Phase(store::PodPhase phase) { return pod_.phase = phase, *this; }
  PodBuilder& OnHostNetwork() { return pod_.host_network = store::HostNetwork::kYes, *this; }
  operator store::Pod() const { return pod_; }  // NOLINT(google-explicit-constructor)

 private:
  store::Pod pod_;
};

class RuleBuilder {
 public:
  // Pods of the policy's own namespace.
  RuleBuilder& Pods(Requirements pods);
  // All pods of the namespaces.
  RuleBuilder& Namespaces(Requirements namespaces);
  RuleBuilder& PodsIn(Requirements namespaces, Requirements pods);
  RuleBuilder& Block(std::string_view cidr, const std::vector<std::string>& except = {});
  RuleBuilder& Peer(const store::Peer& peer);

  RuleBuilder& Tcp(uint16_t port);
  RuleBuilder& Udp(uint16_t port);
  RuleBuilder& TcpRange(std::pair<uint16_t, uint16_t> range);
  RuleBuilder& Every(store::Protocol protocol);
  RuleBuilder& Named(const std::string& name);
  RuleBuilder& Port(const store::PolicyPort& port);
  operator store::PolicyRule() const { return rule_; }  // NOLINT(google-explicit-constructor)

 private:
  store::PolicyRule rule_;
};

class PolicyBuilder {
 public:
  PolicyBuilder(std::string ns, std::string name) {
    policy_.key = {std::move(ns), std::move(name)};
  }
  PolicyBuilder& Selects(Requirements pods) {
    return policy_.pod_selector = Where(std::move(pods)), *this;
  }
  PolicyBuilder& IsolatesIngress() {
    if (!policy_.ingress) policy_.ingress.emplace();
    return *this;
  }
  PolicyBuilder& IsolatesEgress() {
    if (!policy_.egress) policy_.egress.emplace();
    return *this;
  }
  PolicyBuilder& Ingress(store::PolicyRule rule) {
    IsolatesIngress();
    return policy_.ingress->push_back(std::move(rule)), *this;
  }
  PolicyBuilder& Egress(store::PolicyRule rule) {
    IsolatesEgress();
    return policy_.egress->push_back(std::move(rule)), *this;
  }
  operator store::NetworkPolicy() const { return policy_; }  // NOLINT(google-explicit-constructor)

 private:
  store::NetworkPolicy policy_;
};

// With the label that the apiserver sets.
inline store::Object NamespaceOf(const std::string& name, store::Labels labels = {}) {
  labels["kubernetes.io/metadata.name"] = name;
  return store::Namespace{name, std::move(labels)};
}

inline store::StoreEvent Present(store::Object object) {
  const store::ObjectKind kind = store::KindOf(object);
  store::ObjectKey key = store::KeyOf(object);
  return {kind, std::move(key), std::move(object)};
}
inline store::StoreEvent Gone(const store::Object& object) {
  return {store::KindOf(object), store::KeyOf(object), std::nullopt};
}

// The endpoint that CNI ADD makes for the pod: with its addresses and uid, MACs after the address.
inline store::Endpoint EndpointOf(const store::Pod& pod, OfPort ofport) {
  store::Endpoint endpoint;
  endpoint.id = {pod.key.ns + "-" + pod.key.name, "eth0"};
  endpoint.pod = pod.key;
  endpoint.pod_uid = pod.uid;
  endpoint.netns = "/run/netns/" + pod.key.name;
  endpoint.host_ifname = store::HostIfname(endpoint.id);
  endpoint.ips = pod.ips;
  if (!pod.ips.empty()) endpoint.mac = store::MacFor(pod.ips.front());
  endpoint.ofport = ofport;
  return endpoint;
}

}  // namespace sluice::fakes
