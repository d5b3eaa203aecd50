// The oracle: the NetworkPolicy specification (netpol.md, section 1) sentence by sentence. Slow and
// obvious on purpose; it shares the plain data types with the agent and not one decision.
#pragma once

#include <vector>

#include "tests/oracle/node_view.h"

namespace sluice::oracle {

// Who sends the first packet, as far as the addresses do not say it.
enum class Opener : uint8_t {
  kAddress,   // whoever has the source address
  kThisNode,  // this node itself, by its own address (rule 39)
};

struct Connection {
  IpAddress source;
  IpAddress destination;
  uint8_t ip_protocol = 0;
  uint16_t port = 0;  // the destination's; 0 if the protocol has none
  Opener opener = Opener::kAddress;
};

// What one direction says: the egress of the source or the ingress of the destination.
struct Side {
  bool isolated = false;
  bool allowed = true;
  friend bool operator==(const Side&, const Side&) = default;
};

struct Verdict {
  Side egress;
  Side ingress;
  bool allowed() const;
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

class Oracle {
 public:
  // `cluster` must outlive the oracle and stay as it is.
  explicit Oracle(const Cluster& cluster) : cluster_(cluster), view_(cluster) {}

  Verdict Judge(const Connection& connection) const;
  const NodeView& view() const { return view_; }

 private:
  Side JudgeEgress(const Connection& connection) const;
  Side JudgeIngress(const Connection& connection) const;
  bool SomeEgressRuleAllows(const store::NetworkPolicy& policy, const Connection& connection) const;
  bool SomeIngressRuleAllows(const store::NetworkPolicy& policy, const SeenPod& subject,
                             const Connection& connection) const;

  const Cluster& cluster_;  // borrowed
  NodeView view_;
};

}  // namespace sluice::oracle
