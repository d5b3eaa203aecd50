// Rules 17, 21 to 24, 27 and 56: whom `from` and `to` mean.
#pragma once

#include "tests/oracle/node_view.h"

namespace sluice::oracle {

// Whether the rule means the address, whoever has it: a rule without peers means everybody (1.3),
// a block everybody in it (rule 24).
bool AddressIsPeer(const store::PolicyRule& rule, const IpAddress& address);

// Whether a selector of the rule means the pod.
bool PodIsPeer(const Cluster& cluster, const store::NetworkPolicy& policy,
               const store::PolicyRule& rule, const SeenPod& pod);

// Rule 21: "cidr minus the union of its own except list".
bool InBlock(const store::IpBlock& block, const IpAddress& address);

}  // namespace sluice::oracle
