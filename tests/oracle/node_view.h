// What there is, and what of it one node sees.
//
// The specification speaks of pods, a switch of addresses, and a node enforces for its own pods
// only. Everything that this makes different is said here and nowhere else:
//
//  - Subjects are the pods of this node. The other end of a connection is judged by the node it
//    lives on; here it has no side (as rule 9 says of ends that are no pods at all).
//  - A pod is on this node when an endpoint of it is here and the pod object is there, is of the
//    same uid where both have one, has an address of its own and has not finished. Until then the
//    endpoint's port is closed and nothing reaches it or leaves it; what the object says is then
//    taken as for any other pod.
//  - A pod of this node has the addresses that were given to it here (all of them: rule 54), any
//    other pod those of its status.
//  - When an address has several owners (rule 53) the ones of this node are right, for it knows
//  them
//    at first hand, and the others are late news. Of what is left, each is a subject or a peer.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/store/endpoint.h"
#include "agent/store/objects.h"

namespace sluice::oracle {

struct Cluster {
  std::map<std::string, store::Namespace> namespaces;
  std::map<store::ObjectKey, store::Pod> pods;
  std::map<store::ObjectKey, store::NetworkPolicy> policies;
  std::map<store::AttachmentId, store::Endpoint> endpoints;  // of this node
};

// A pod that policy can mean.
struct SeenPod {
  const store::Pod& object;
  std::vector<IpAddress> addresses;
  bool local = false;
};

// Rule 45, choice (b): host-network pods are neither subjects nor peers. Rule 51: a pod that has
// Succeeded or Failed "must leave every set at once".
bool HasAddressOfItsOwn(const store::Pod& pod);

class NodeView {
 public:
  // `cluster` must outlive it and stay as it is.
  explicit NodeView(const Cluster& cluster);

  std::vector<const SeenPod*> OwnersOf(const IpAddress& address) const;
  // Those of them that are judged here.
  std::vector<const SeenPod*> SubjectsAt(const IpAddress& address) const;
  // The endpoints whose ports are open and that have the address.
  std::vector<const store::Endpoint*> OpenEndpointsAt(const IpAddress& address) const;

 private:
  std::vector<SeenPod> pods_;
  std::vector<const store::Endpoint*> open_;
};

}  // namespace sluice::oracle
