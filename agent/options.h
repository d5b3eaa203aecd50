// Options: what the agent is told by its command line, validated. Nobody else reads a flag.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/http/listen_address.h"
#include "agent/netlink/pod_network.h"
#include "ofctl/base/ip.h"
#include "ofctl/base/result.h"

namespace sluice {

// Where the objects come from; exactly one.
enum class ObjectSource : uint8_t { kManifests, kKubeconfig, kInCluster };

struct Options {
  ObjectSource source = ObjectSource::kManifests;
  std::string manifests;   // directory of Kubernetes manifests; kManifests only
  std::string kubeconfig;  // file that says how to reach the apiserver; kKubeconfig only
  std::string node_name;   // of this node's Node object; may be empty
  std::string run_dir;     // cni.sock and status.sock
  std::string ovs_db;      // ovsdb-server's unix socket
  std::string ovs_rundir;  // where ovs-vswitchd puts <bridge>.mgmt
  std::string bridge;
  netlink::Datapath datapath = netlink::Datapath::kSystem;
  // One a family, IPv4 first. Empty: what the Node object says, see SetNetworks.
  std::vector<netlink::NodeNetwork> networks;
  std::string gateway_port;
  uint32_t mtu = 1500;
  // Destinations that see the pods' own addresses, beside the pods' networks of all nodes; absent:
  // everybody does.
  std::optional<std::vector<Cidr>> not_masqueraded;
  std::string cni_conf_dir;  // the container runtime's; empty: no configuration is written there
  std::string cni_conf_template;
  std::optional<http::ListenAddress> http_address;  // absent: nothing is served

  std::vector<IpAddress> gateways() const;
  std::string cni_socket() const { return run_dir + "/cni.sock"; }
  std::string status_socket() const { return run_dir + "/status.sock"; }
  std::string mgmt_socket() const { return ovs_rundir + "/" + bridge + ".mgmt"; }
};

// Error if another option does not go with them.
Status SetNetworks(Options& options, std::vector<netlink::NodeNetwork> networks);

struct SourceFlags {
  std::string_view manifests;
  std::string_view kubeconfig;
  bool in_cluster = false;
};
// Pure. The error names all three flags.
Result<ObjectSource> ParseSource(const SourceFlags& flags);

struct CniConfFlags {
  std::string_view directory;
  std::string_view template_file;
};
// Pure. Both or neither.
Status CheckCniConf(const CniConfFlags& flags);
// Pure. Empty: none. The error names the flag.
Result<std::optional<http::ListenAddress>> ParseHttpAddress(std::string_view http_address);

// Every error names the flag.
Result<Options> OptionsFromFlags();

}  // namespace sluice
