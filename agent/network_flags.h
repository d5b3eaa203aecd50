// What the command line and the Node object say of networks, as values. Pure.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "agent/netlink/pod_network.h"
#include "ofctl/base/ip.h"
#include "ofctl/base/result.h"

namespace sluice {

// --gateway and --pod_cidr: lists separated by commas, one entry a family, in any order.
struct NetworkFlags {
  std::string_view gateway;
  std::string_view pod_cidr;
};
// Every error names the flag.
Result<std::vector<netlink::NodeNetwork>> ParseNetworks(const NetworkFlags& flags);

// The pods' networks as a Node object has them; the gateway is the first address of each.
Result<std::vector<netlink::NodeNetwork>> NetworksOf(const std::vector<Cidr>& pod_cidrs);

struct MasqueradeFlags {
  bool masquerade = true;
  std::string_view cluster_cidr;
  std::string_view no_masquerade_cidrs;
};
// Absent: nothing is masqueraded; else the destinations that are not. Every error names the flag.
Result<std::optional<std::vector<Cidr>>> ParseMasquerade(const MasqueradeFlags& flags);

}  // namespace sluice
