// PodNetwork: the kernel's side of an attachment: veth pair, addresses, routes, neighbours. An
// interface; the real one is KernelPodNetwork (libnl, libnftables). Calls block: about 1 ms, but
// some 20 ms where a link is removed (the kernel's teardown of a veth pair).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ofctl/base/ip.h"
#include "ofctl/base/result.h"

namespace sluice::netlink {

struct PodLinkSpec {
  std::string host_ifname;
  std::string netns;   // path of the pod's network namespace
  std::string ifname;  // inside the pod
  MacAddress mac;
  std::vector<IpAddress> ips;  // each configured as a host address (/32, /128)
  std::vector<IpAddress>
      gateways;            // one a family; those of a family the pod has no address of rest
  MacAddress gateway_mac;  // of their permanent neighbour entries
  uint32_t mtu = 1500;
};

class PodNetwork {
 public:
  virtual ~PodNetwork() = default;

  // Creates both ends, configures the pod's and sets both up. A left-over link of the same host
  // name is removed first. Undoes itself on failure. Invalid for an address without a gateway of
  // its family.
  virtual Status Attach(const PodLinkSpec& spec) = 0;
  // Removes the pair by its host end. A link that does not exist is a success.
  virtual Status Detach(const std::string& host_ifname) = 0;
  // Whether the pair is there, by its host end.
  virtual Result<bool> IsAttached(const std::string& host_ifname) = 0;
  // Says what differs from `spec`, if anything does (CNI CHECK).
  virtual Status Check(const PodLinkSpec& spec) = 0;
};

// Which datapath forwards: it decides what the host ends of the pods' links need.
enum class Datapath : uint8_t {
  kSystem,  // the kernel module takes the packets off the link
  kNetdev,  // ovs-vswitchd only listens in; the host's own stack must be kept from answering
};

// The pods' network on this node, of one family.
struct NodeNetwork {
  IpAddress gateway;  // the node's own address in it
  Cidr pod_cidr;

  friend bool operator==(const NodeNetwork&, const NodeNetwork&) = default;
};

struct GatewaySpec {
  std::string gateway_ifname;  // internal port for what the node forwards
  std::string local_ifname;    // the bridge's LOCAL port, for what the node itself originates
  MacAddress mac;
  std::vector<NodeNetwork> networks;  // at most one a family; what another left behind is removed
};

// Makes the node a router between the pods and the rest. What the node itself originates leaves by
// LOCAL (an `iif lo` routing rule), what it forwards by the gateway port: the switch can then tell
// the two apart whatever their addresses are. Both ways lead by one next hop that nobody has, with
// a permanent neighbour entry: the node never asks the bridge who has a pod's address. Idempotent.
Status ConfigureGateway(const GatewaySpec& spec);

}  // namespace sluice::netlink
