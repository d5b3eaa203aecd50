#include "agent/explain/peer_finding.h"

#include <algorithm>

#include "agent/explain/selector_words.h"

namespace sluice::explain {
namespace {

using store::IpBlock;
using store::Labels;
using store::Peer;

enum Nearness { kFar = 0, kOneSelectorMatches = 1, kExcepted = 2 };

std::string FamilyName(IpFamily family) { return family == IpFamily::kIPv4 ? "IPv4" : "IPv6"; }

std::vector<const PodAtEnd*> AllPods(const End& end) {
  std::vector<const PodAtEnd*> pods;
  for (const PodAtEnd& pod : end.pods) pods.push_back(&pod);
  return pods;
}

PeerFinding Miss(std::string words, int nearness = kFar) {
  return {{Match::kNo, std::move(words)}, nearness, {}};
}

// Whether all addresses of the range are in the block, or none; else it cannot be said.
Match MatchRange(const IpBlock& block, const Cidr& range) {
  if (!block.cidr.Contains(range)) {
    return range.Contains(block.cidr) ? Match::kUnknown : Match::kNo;
  }
  Match match = Match::kYes;
  for (const Cidr& hole : block.except) {
    if (hole.Contains(range)) return Match::kNo;
    if (range.Contains(hole)) match = Match::kUnknown;
  }
  return match;
}

PeerFinding TestBlockWithoutAddress(const IpBlock& block, const End& other) {
  const std::string name = "ipBlock " + block.ToString();
  const Match match = other.range ? MatchRange(block, *other.range) : Match::kUnknown;
  if (match == Match::kUnknown) {
    return {{match, name + ": the address of " + other.name + " is not known"},
            kOneSelectorMatches,
            AllPods(other)};
  }
  const std::string range = other.name + " (in " + other.range->ToString() + ")";
  if (match == Match::kNo) return Miss(name + ": " + range + " is outside");
  return {{match, name + " contains " + range}, kFar, AllPods(other)};
}

PeerFinding TestBlock(const IpBlock& block, const End& other) {
  const std::string name = "ipBlock " + block.cidr.ToString();
  if (!other.address) return TestBlockWithoutAddress(block, other);
  const IpAddress& address = *other.address;
  if (block.Contains(address)) {
    return {{Match::kYes, name + " contains " + other.ToString()}, kFar, AllPods(other)};
  }
  if (address.family() != block.cidr.family()) {
    return Miss(name + " is " + FamilyName(block.cidr.family()) + ", " + other.ToString() + " is " +
                FamilyName(address.family()));
  }
  if (!block.cidr.Contains(address)) return Miss(name + ": " + other.ToString() + " is outside");
  const auto hole = std::find_if(block.except.begin(), block.except.end(),
                                 [&](const Cidr& each) { return each.Contains(address); });
  return Miss(name + ": address is in its except " + hole->ToString(), kExcepted);
}

// "namespaceSelector a=b and podSelector c=d"
std::string SelectorNames(const Peer& peer) {
  std::string names;
  if (peer.namespace_selector) names = "namespaceSelector " + ToWords(*peer.namespace_selector);
  if (peer.pod_selector) {
    names += (names.empty() ? "" : " and ") + ("podSelector " + ToWords(*peer.pod_selector));
  }
  return names;
}

class SelectorTest {
 public:
  SelectorTest(const PeerContext& context, const Peer& peer) : context_(context), peer_(peer) {}

  PeerFinding operator()(const PodAtEnd& pod) const {
    const std::string ns = NamespaceMiss(pod.key.ns);
    const std::string labels = PodMiss(pod);
    if (ns.empty() && labels.empty()) {
      return {{Match::kYes,
               SelectorNames(peer_) +
                   (peer_.namespace_selector && peer_.pod_selector ? " match " : " matches ") +
                   Name(pod)},
              kFar,
              {&pod}};
    }
    if (ns.empty()) {
      return Miss(labels, peer_.namespace_selector ? kOneSelectorMatches : kFar);
    }
    if (!labels.empty()) return Miss(ns + "; " + labels);
    return Miss(ns, peer_.pod_selector ? kOneSelectorMatches : kFar);
  }

 private:
  std::string Name(const PodAtEnd& pod) const {
    const auto& address = context_.other.address;
    return address ? address->ToString() + " (" + pod.key.ToString() + ")" : pod.key.ToString();
  }

  std::string NamespaceMiss(const std::string& ns) const {
    if (!peer_.namespace_selector) {
      if (ns == context_.policy_namespace) return "";
      return "podSelector " + ToWords(*peer_.pod_selector) + " means pods of namespace " +
             context_.policy_namespace + " only, not of " + ns;
    }
    const std::string name = "namespaceSelector " + ToWords(*peer_.namespace_selector);
    const Labels* labels = context_.store.NamespaceLabels(ns);
    // Not even the absence of a label is known of it.
    if (labels == nullptr) return name + ": namespace " + ns + " is not known";
    const std::string miss = FirstMiss(*peer_.namespace_selector, *labels);
    return miss.empty() ? "" : name + ": namespace " + ns + " " + miss;
  }

  std::string PodMiss(const PodAtEnd& pod) const {
    if (!peer_.pod_selector) return "";
    const std::string miss = FirstMiss(*peer_.pod_selector, *pod.labels);
    if (miss.empty()) return "";
    return "podSelector " + ToWords(*peer_.pod_selector) + ": " + pod.key.ToString() + " " + miss;
  }

  const PeerContext& context_;
  const Peer& peer_;
};

}  // namespace

PeerFinding TestPeer(const PeerContext& context, const Peer& peer) {
  if (peer.ip_block) return TestBlock(*peer.ip_block, context.other);
  if (!peer.namespace_selector && !peer.pod_selector) return Miss("a peer that says nothing");
  if (context.other.pods.empty()) {
    const bool node = context.other.place == Place::kNodeItself;
    return Miss(SelectorNames(peer) + " means pods, " + context.other.ToString() + " is " +
                (node ? "the node" : "none"));
  }
  const SelectorTest test(context, peer);
  PeerFinding best;
  for (const PodAtEnd& pod : context.other.pods) {
    PeerFinding each = test(pod);
    if (each.finding.match == Match::kYes && best.finding.match == Match::kYes) {
      best.pods.push_back(&pod);
    } else if (best.finding.words.empty() || each.finding.match > best.finding.match ||
               (each.finding.match == best.finding.match && each.nearness > best.nearness)) {
      best = std::move(each);
    }
  }
  return best;
}

PeerFinding AnyPeer(const End& other) {
  return {{Match::kYes, "any peer matches"}, kFar, AllPods(other)};
}

}  // namespace sluice::explain
