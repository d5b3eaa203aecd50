#include "agent/policy/policy_compiler.h"

#include <algorithm>
#include <map>

namespace sluice::policy {
namespace {

using store::NetworkPolicy;
using store::Peer;
using store::PolicyPort;
using store::Protocol;

std::string At(const std::string& path, std::string_view member, size_t index) {
  return path + "." + std::string(member) + "[" + std::to_string(index) + "]";
}

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
  return Predicate(predicate);
}

class RuleCompiler {
 public:
  RuleCompiler(const NetworkPolicy& policy, std::vector<Refusal>& refusals)
      : policy_(policy), refusals_(refusals) {}

  // Absent when nothing is left that the rule could allow.
  std::optional<CompiledRule> operator()(const store::PolicyRule& rule, const std::string& path,
                                         std::string_view peers_member) {
    CompiledRule compiled;
    if (!rule.peers.empty()) {
      compiled.peers.emplace();
      for (size_t i = 0; i < rule.peers.size(); ++i) {
        AddPeer(rule.peers[i], At(path, peers_member, i), *compiled.peers);
      }
      std::sort(compiled.peers->begin(), compiled.peers->end());
      compiled.peers->erase(std::unique(compiled.peers->begin(), compiled.peers->end()),
                            compiled.peers->end());
      if (compiled.peers->empty()) return std::nullopt;
    }
    if (!rule.ports.empty()) {
      compiled.services = Services(rule.ports, path);
      if (compiled.services->empty()) return std::nullopt;
    }
    return compiled;
  }

 private:
  void AddPeer(const Peer& peer, const std::string& path, std::vector<Predicate>& peers) {
    if (peer.ip_block && peer.ip_block->cidr.family() != IpFamily::kIPv4) {
      refusals_.push_back({path + ".ipBlock.cidr", "IPv6 is not supported yet"});
      return;
    }
    if (auto predicate = CompilePeer(policy_, peer)) peers.push_back(std::move(*predicate));
  }

  std::vector<ServiceMatch> Services(const std::vector<PolicyPort>& ports,
                                     const std::string& path) {
    std::map<Protocol, std::vector<PortRange>> ranges;
    for (size_t i = 0; i < ports.size(); ++i) AddPort(ports[i], At(path, "ports", i), ranges);
    std::vector<ServiceMatch> services;
    for (auto& [protocol, of_protocol] : ranges) {
      for (const PortRange& range : Normalize(std::move(of_protocol))) {
        for (const PortMask& mask : ToMasks(range)) services.push_back({protocol, mask});
      }
    }
    std::sort(services.begin(), services.end());
    return services;
  }

  void AddPort(const PolicyPort& port, const std::string& path,
               std::map<Protocol, std::vector<PortRange>>& ranges) {
    if (port.protocol == Protocol::kSctp) {
      refusals_.push_back({path + ".protocol", "SCTP is not supported yet"});
    } else if (std::holds_alternative<std::string>(port.port)) {
      refusals_.push_back({path + ".port", "named ports are not supported yet"});
    } else if (const auto* number = std::get_if<uint16_t>(&port.port)) {
      ranges[port.protocol].push_back({*number, port.end.value_or(*number)});
    } else {
      ranges[port.protocol].push_back({0, 0xffff});
    }
  }

  const NetworkPolicy& policy_;
  std::vector<Refusal>& refusals_;
};

std::string PortText(const ServiceMatch& service) {
  return std::string(store::ToString(service.protocol)) + ":" + std::to_string(service.port.value) +
         "/" + std::to_string(service.port.mask);
}

}  // namespace

std::string CompiledRule::Key(const SubjectPredicate& subject) const {
  std::string key = ToString(Predicate(subject)) + " | ";
  if (peers) {
    for (const Predicate& peer : *peers) key += ToString(peer) + "; ";
  } else {
    key += "any";
  }
  key += " | ";
  if (services) {
    for (const ServiceMatch& service : *services) key += PortText(service) + " ";
  } else {
    key += "any";
  }
  return key;
}

SubjectPredicate SubjectOf(const NetworkPolicy& policy) {
  return {policy.key.ns, policy.pod_selector};
}

std::optional<CompiledDirection> Compile(const NetworkPolicy& policy, store::Direction direction) {
  const auto& rules = policy.rules(direction);
  if (!rules) return std::nullopt;
  const bool ingress = direction == store::Direction::kIngress;
  CompiledDirection compiled;
  RuleCompiler compile(policy, compiled.refusals);
  for (size_t i = 0; i < rules->size(); ++i) {
    const std::string path = At("spec", store::ToString(direction), i);
    auto rule = compile((*rules)[i], path, ingress ? "from" : "to");
    if (!rule) continue;
    rule->index = i;
    compiled.rules.push_back(std::move(*rule));
  }
  return compiled;
}

}  // namespace sluice::policy
