#include "tests/oracle/peers.h"

#include "tests/oracle/selectors.h"

namespace sluice::oracle {
namespace {

int BitOf(const IpAddress& address, int bit) {
  const int byte = address.bytes().at(static_cast<size_t>(bit / 8));
  return byte >> (7 - bit % 8) & 1;
}

// Rule 27: "an IPv4 block never matches IPv6 and the other way". Rule 28: host bits in the written
// prefix are not looked at.
bool InPrefix(const Cidr& prefix, const IpAddress& address) {
  if (prefix.network().family() != address.family()) return false;
  for (int bit = 0; bit < prefix.length(); ++bit) {
    if (BitOf(prefix.network(), bit) != BitOf(address, bit)) return false;
  }
  return true;
}

bool InNamespaceOf(const Cluster& cluster, const store::NetworkPolicy& policy,
                   const store::Peer& peer, const SeenPod& pod) {
  // 1.3: without a namespaceSelector, the policy's own namespace.
  if (!peer.namespace_selector) return pod.object.key.ns == policy.key.ns;
  const auto found = cluster.namespaces.find(pod.object.key.ns);
  // Rule 56: a namespace may be seen after its pods. Until it is, nobody can say what it carries.
  if (found == cluster.namespaces.end()) return false;
  return Selects(*peer.namespace_selector, found->second.labels);
}

}  // namespace

bool InBlock(const store::IpBlock& block, const IpAddress& address) {
  if (!InPrefix(block.cidr, address)) return false;
  for (const Cidr& hole : block.except) {
    if (InPrefix(hole, address)) return false;
  }
  return true;
}

bool AddressIsPeer(const store::PolicyRule& rule, const IpAddress& address) {
  if (rule.peers.empty()) return true;
  for (const store::Peer& peer : rule.peers) {
    if (peer.ip_block && InBlock(*peer.ip_block, address)) return true;
  }
  return false;
}

bool PodIsPeer(const Cluster& cluster, const store::NetworkPolicy& policy,
               const store::PolicyRule& rule, const SeenPod& pod) {
  for (const store::Peer& peer : rule.peers) {
    if (peer.ip_block) continue;
    // 1.3: a peer with nothing set "must match nothing".
    if (!peer.namespace_selector && !peer.pod_selector) continue;
    // Rule 17: both selectors in one peer are ANDed.
    if (!InNamespaceOf(cluster, policy, peer, pod)) continue;
    if (peer.pod_selector && !Selects(*peer.pod_selector, pod.object.labels)) continue;
    return true;
  }
  return false;
}

}  // namespace sluice::oracle
