#include "agent/policy/policy_compiler.h"

#include <algorithm>
#include <map>

#include "agent/policy/sort_unique.h"

namespace sluice::policy {
namespace {

using store::Direction;
using store::NetworkPolicy;
using store::Peer;
using store::PolicyPort;
using store::Protocol;

// netpol rules 17, 24: selectors mean pods, a block means whoever has the address.
std::optional<Predicate> CompilePeer(const NetworkPolicy& policy, const Peer& peer) {
  if (peer.ip_block) return Predicate(*peer.ip_block);
  if (!peer.namespace_selector && !peer.pod_selector) return std::nullopt;
  PodPredicate predicate;
  if (peer.namespace_selector) {
    predicate.namespaces = *peer.namespace_selector;
  } else {
    predicate.namespaces = policy.key.ns;
  }
  if (peer.pod_selector) predicate.pods = *peer.pod_selector;
  return Predicate(std::move(predicate));
}

std::vector<Predicate> CompilePeers(const NetworkPolicy& policy, const std::vector<Peer>& peers) {
  std::vector<Predicate> compiled;
  for (const Peer& peer : peers) {
    if (auto predicate = CompilePeer(policy, peer)) compiled.push_back(std::move(*predicate));
  }
  SortUnique(compiled);
  return compiled;
}

// The same peer, of which only pods that define the port are left.
Predicate Defining(const Predicate& peer, const NamedPort& port) {
  if (const auto* block = std::get_if<store::IpBlock>(&peer)) {
    return PodInBlockPredicate{*block, port};
  }
  PodPredicate pods = std::get<PodPredicate>(peer);
  pods.port = port;
  return pods;
}

// Port numbers of a rule as services, and the names that have yet to become numbers.
struct RulePorts {
  std::map<Protocol, std::vector<PortRange>> ranges;
  std::set<PortName> names;
};

RulePorts Sort(const std::vector<PolicyPort>& ports) {
  RulePorts sorted;
  for (const PolicyPort& port : ports) {
    if (const auto* name = std::get_if<std::string>(&port.port)) {
      sorted.names.insert({port.protocol, *name});
    } else if (const auto* number = std::get_if<uint16_t>(&port.port)) {
      sorted.ranges[port.protocol].push_back({*number, port.end.value_or(*number)});
    } else {
      sorted.ranges[port.protocol].push_back({0, 0xffff});
    }
  }
  return sorted;
}

std::vector<ServiceMatch> Services(std::map<Protocol, std::vector<PortRange>> ranges) {
  std::vector<ServiceMatch> services;
  for (auto& [protocol, of_protocol] : ranges) {
    bool every_port = false;
    for (const PortRange& range : Normalize(std::move(of_protocol))) {
      for (const PortMask& mask : ToMasks(range)) {
        services.push_back({protocol, mask});
        every_port = every_port || mask.mask == 0;
      }
    }
    if (!every_port) services.push_back(ServiceMatch::LaterFragmentsOf(protocol));
  }
  SortUnique(services);
  return services;
}

class DirectionCompiler {
 public:
  DirectionCompiler(const NetworkPolicy& policy, Direction direction, const NumbersOf& numbers_of)
      : policy_(policy), direction_(direction), numbers_of_(numbers_of) {}

  CompiledDirection operator()(const std::vector<store::PolicyRule>& rules) {
    for (size_t i = 0; i < rules.size(); ++i) Add(rules[i], i);
    return std::move(compiled_);
  }

 private:
  void Add(const store::PolicyRule& rule, size_t index) {
    CompiledRule whole{.index = index, .subject = SubjectOf(policy_), .peers = {}, .services = {}};
    if (!rule.peers.empty()) {
      whole.peers = CompilePeers(policy_, rule.peers);
      if (whole.peers->empty()) return;  // peers that match nothing allow nothing
    }
    if (rule.ports.empty()) {
      compiled_.rules.push_back(std::move(whole));
      return;
    }
    const RulePorts ports = Sort(rule.ports);
    for (const PortName& name : ports.names) AddNamed(whole, name);
    if (ports.ranges.empty()) return;
    whole.services = Services(ports.ranges);
    compiled_.rules.push_back(std::move(whole));
  }

  void AddNamed(const CompiledRule& whole, const PortName& name) {
    compiled_.named_ports.insert(name);
    for (const uint16_t number : numbers_of_(name)) {
      const NamedPort port{name.name, name.protocol, number};
      CompiledRule part = whole;
      part.services = Services({{name.protocol, {{number, number}}}});
      if (direction_ == Direction::kIngress) {
        part.subject.port = port;
      } else {
        AskOfPeers(part, port);
      }
      compiled_.rules.push_back(std::move(part));
    }
  }

  static void AskOfPeers(CompiledRule& part, const NamedPort& port) {
    if (!part.peers) {
      part.peers = {PodPredicate{AnyNamespace{}, {}, port}};
      return;
    }
    for (Predicate& peer : *part.peers) peer = Defining(peer, port);
    SortUnique(*part.peers);
  }

  const NetworkPolicy& policy_;
  const Direction direction_;
  const NumbersOf& numbers_of_;
  CompiledDirection compiled_;
};

}  // namespace

std::string CompiledRule::Words() const {
  std::string key = ToString(subject) + " | ";
  if (peers) {
    for (const Predicate& peer : *peers) key += ToString(peer) + "; ";
  } else {
    key += "any";
  }
  key += " | ";
  if (services) {
    for (const ServiceMatch& service : *services) key += service.ToString() + " ";
  } else {
    key += "any";
  }
  return key;
}

SubjectPredicate SubjectOf(const NetworkPolicy& policy) {
  return {policy.key.ns, policy.pod_selector, std::nullopt};
}

std::optional<CompiledDirection> Compile(const NetworkPolicy& policy, Direction direction,
                                         const NumbersOf& numbers_of) {
  const auto& rules = policy.rules(direction);
  if (!rules) return std::nullopt;
  return DirectionCompiler(policy, direction, numbers_of)(*rules);
}

}  // namespace sluice::policy
