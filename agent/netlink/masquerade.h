// Masquerade: what the node's pods send to the world outside the cluster carries the node's own
// address, because nobody out there knows a way to a pod. A table of its own, beside whatever
// kubelet, kube-proxy or an administrator has; it stays when the agent goes.
#pragma once

#include <string>
#include <vector>

#include "agent/netlink/nft.h"
#include "ofctl/base/ip.h"
#include "ofctl/base/result.h"

namespace sluice::netlink {

struct MasqueradeSpec {
  std::vector<Cidr> pods;    // this node's
  std::vector<Cidr> except;  // destinations that see the pods' own addresses

  friend bool operator==(const MasqueradeSpec&, const MasqueradeSpec&) = default;
};

class Masquerade {
 public:
  // In place of what was there, in one transaction. Connections that are open keep the address they
  // have.
  Status Install(const MasqueradeSpec& spec);
  // None there is a success.
  Status Remove();

 private:
  Nft nft_;
};

}  // namespace sluice::netlink
