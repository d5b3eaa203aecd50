#include "agent/explain/rule_finding.h"

#include <algorithm>

#include "agent/explain/peer_finding.h"
#include "agent/explain/port_finding.h"

namespace sluice::explain {
namespace {

using store::Direction;
using store::PolicyRule;

constexpr size_t kMostPeersInWords = 4;

// A peer together with the ports, which a named port resolves on the pods that the peer means.
struct Pair {
  PeerFinding peer;
  Finding ports;
  Match match() const { return std::min(peer.finding.match, ports.match); }
};

bool Nearer(const Pair& a, const Pair& b) {
  if (a.match() != b.match()) return a.match() > b.match();
  if (a.peer.finding.match != b.peer.finding.match) {
    return a.peer.finding.match > b.peer.finding.match;
  }
  return a.peer.nearness > b.peer.nearness;
}

std::vector<Pair> TestPairs(const RuleContext& context, const PolicyRule& rule) {
  const End& other = context.connection.Other(context.direction);
  std::vector<PeerFinding> peers;
  if (rule.peers.empty()) peers.push_back(AnyPeer(other));
  for (const store::Peer& peer : rule.peers) {
    peers.push_back(TestPeer({context.connection.store, context.policy.key.ns, other}, peer));
  }
  std::vector<Pair> pairs;
  for (PeerFinding& peer : peers) {
    const bool ingress = context.direction == Direction::kIngress;
    Finding ports =
        TestPorts({context.connection.protocol, context.connection.port,
                   context.connection.destination, ingress ? context.subjects : peer.pods},
                  rule.ports);
    pairs.push_back({std::move(peer), std::move(ports)});
  }
  std::stable_sort(pairs.begin(), pairs.end(), Nearer);
  return pairs;
}

// Whether the rule's ports are worth a word beside the peers' misses.
bool PortsTell(const Pair& nearest, const PolicyRule& rule) {
  if (rule.ports.empty()) return false;
  const bool by_name = std::any_of(rule.ports.begin(), rule.ports.end(), [](const auto& port) {
    return std::holds_alternative<std::string>(port.port);
  });
  // An egress rule's names cannot be resolved on a pod that its peer does not mean.
  return nearest.ports.match == Match::kYes || !by_name || !nearest.peer.pods.empty();
}

}  // namespace

RuleFinding TestRule(const RuleContext& context, const PolicyRule& rule) {
  const std::vector<Pair> pairs = TestPairs(context, rule);
  const Pair& nearest = pairs.front();
  RuleFinding finding{.index = 0,
                      .match = nearest.match(),
                      .peers = nearest.peer.finding.match,
                      .ports = nearest.ports.match,
                      .words = {}};
  if (nearest.peer.finding.match != Match::kNo) {
    finding.words.push_back(nearest.peer.finding.words + ", " + nearest.ports.words);
    return finding;
  }
  for (const Pair& pair : pairs) {
    if (finding.words.size() == kMostPeersInWords) {
      finding.words.push_back("and " + std::to_string(pairs.size() - kMostPeersInWords) +
                              " more peers do not match");
      break;
    }
    finding.words.push_back(pair.peer.finding.words);
  }
  if (PortsTell(nearest, rule)) finding.words.push_back(nearest.ports.words);
  return finding;
}

}  // namespace sluice::explain
