#include "agent/options.h"

#include <gflags/gflags.h>

#include <utility>

#include "agent/network_flags.h"

DEFINE_string(manifests, "", "Directory of Kubernetes manifests (Namespace, Pod, NetworkPolicy)");
DEFINE_string(kubeconfig, "", "Kubeconfig of the apiserver to follow, instead of --manifests");
DEFINE_bool(in_cluster, false,
            "Follow the apiserver of the cluster whose pod this is, instead of --manifests");
DEFINE_string(run_dir, "/run/sluice", "Where cni.sock and status.sock are");
DEFINE_string(ovs_db, "/run/openvswitch/db.sock", "Unix socket of ovsdb-server");
DEFINE_string(ovs_rundir, "/run/openvswitch", "Run directory of ovs-vswitchd");
DEFINE_string(bridge, "br-int", "Bridge that the pods are attached to");
DEFINE_string(datapath, "system", "system (kernel module) or netdev (userspace)");
DEFINE_string(node_name, "",
              "Name of this node's Node object, for --kubeconfig and --in_cluster. It says what "
              "--pod_cidr and --gateway are when neither is given");
DEFINE_string(pod_cidr, "",
              "Addresses of this node's pods; for dual-stack one prefix a family, separated by a "
              "comma. Default: those of --node_name, 10.244.0.0/24 without it");
DEFINE_string(gateway, "",
              "The node's own address in pod_cidr, the pods' gateway; one a family, as --pod_cidr. "
              "Default: the first address of each network of --node_name, 10.244.0.1 without it");
DEFINE_string(gateway_port, "sluice-gw0", "Internal port between the bridge and the node");
DEFINE_string(http_address, "",
              "HOST:PORT to serve /healthz, /readyz and /metrics on; nothing is served if empty");
DEFINE_uint32(mtu, 1500, "MTU of the pods' interfaces");
DEFINE_bool(
    masquerade, true,
    "With --node_name: connections of pods to outside the cluster carry the node's address");
DEFINE_string(cluster_cidr, "",
              "Networks of all pods of the cluster, separated by commas: never masqueraded. The "
              "podCIDRs of the Node objects need not be named");
DEFINE_string(no_masquerade_cidrs, "",
              "More destinations that see the pods' own addresses, separated by commas");
DEFINE_string(cni_conf_dir, "",
              "Where the container runtime looks for network configurations (/etc/cni/net.d). Once "
              "pods can be attached, 10-sluice.conflist is written there from --cni_conf_template");
DEFINE_string(
    cni_conf_template, "",
    "Network configuration list; a host-local in it that names no ranges gets --pod_cidr");

namespace sluice {
namespace {

constexpr uint32_t kMinMtu = 576;       // what every IPv4 host must take (RFC 791)
constexpr uint32_t kMinMtuIPv6 = 1280;  // below, the kernel turns IPv6 off (RFC 8200, 5)
constexpr uint32_t kMaxMtu = 65535;
constexpr size_t kMaxIfname = 15;  // IFNAMSIZ - 1
constexpr std::string_view kDefaultPodCidr = "10.244.0.0/24";
constexpr std::string_view kDefaultGateway = "10.244.0.1";

Status CheckIfname(const std::string& name, std::string_view flag) {
  if (!name.empty() && name.size() <= kMaxIfname && name.find('/') == std::string::npos) {
    return Ok();
  }
  return Invalid("--" + std::string(flag) + ": \"" + name + "\" is no name for an interface");
}

}  // namespace

Status SetNetworks(Options& options, std::vector<netlink::NodeNetwork> networks) {
  const bool has_v6 = !networks.back().gateway.is_v4();
  const uint32_t least = has_v6 ? kMinMtuIPv6 : kMinMtu;
  if (options.mtu < least || options.mtu > kMaxMtu) {
    return Invalid("--mtu: " + std::to_string(options.mtu) + " is not in " + std::to_string(least) +
                   ".." + std::to_string(kMaxMtu));
  }
  options.networks = std::move(networks);
  return Ok();
}

Status CheckCniConf(const CniConfFlags& flags) {
  if (flags.directory.empty() == flags.template_file.empty()) return Ok();
  return Invalid("--cni_conf_dir and --cni_conf_template: one says nothing without the other");
}

Result<ObjectSource> ParseSource(const SourceFlags& flags) {
  std::vector<ObjectSource> sources;
  if (!flags.manifests.empty()) sources.push_back(ObjectSource::kManifests);
  if (!flags.kubeconfig.empty()) sources.push_back(ObjectSource::kKubeconfig);
  if (flags.in_cluster) sources.push_back(ObjectSource::kInCluster);
  if (sources.size() == 1) return sources.front();
  return Invalid(std::string("exactly one of --manifests=DIRECTORY, --kubeconfig=FILE and ") +
                 "--in_cluster says where the objects are; there is " +
                 (sources.empty() ? "none" : "more than one"));
}

Result<std::optional<http::ListenAddress>> ParseHttpAddress(std::string_view http_address) {
  if (http_address.empty()) return std::optional<http::ListenAddress>();
  const auto address = http::ParseListenAddress(http_address);
  if (!address.ok()) return address.error().Context("--http_address");
  return std::optional(*address);
}

std::vector<IpAddress> Options::gateways() const {
  std::vector<IpAddress> addresses;
  for (const netlink::NodeNetwork& network : networks) addresses.push_back(network.gateway);
  return addresses;
}

namespace {

Status SetNetworksFromFlags(Options& options) {
  NetworkFlags flags{.gateway = FLAGS_gateway, .pod_cidr = FLAGS_pod_cidr};
  if (flags.gateway.empty() && flags.pod_cidr.empty()) {
    if (!options.node_name.empty()) return Ok();  // learned
    flags = {.gateway = kDefaultGateway, .pod_cidr = kDefaultPodCidr};
  }
  SLUICE_ASSIGN_OR_RETURN(auto networks, ParseNetworks(flags));
  return SetNetworks(options, std::move(networks));
}

}  // namespace

Result<Options> OptionsFromFlags() {
  Options options;
  SLUICE_ASSIGN_OR_RETURN(options.source, ParseSource({.manifests = FLAGS_manifests,
                                                       .kubeconfig = FLAGS_kubeconfig,
                                                       .in_cluster = FLAGS_in_cluster}));
  options.manifests = FLAGS_manifests;
  options.kubeconfig = FLAGS_kubeconfig;
  options.node_name = FLAGS_node_name;
  if (!options.node_name.empty() && options.source == ObjectSource::kManifests) {
    return Invalid("--node_name: manifests have no Node objects");
  }
  options.run_dir = FLAGS_run_dir;
  options.ovs_db = FLAGS_ovs_db;
  options.ovs_rundir = FLAGS_ovs_rundir;
  SLUICE_RETURN_IF_ERROR(CheckIfname(FLAGS_bridge, "bridge"));
  options.bridge = FLAGS_bridge;
  SLUICE_RETURN_IF_ERROR(CheckIfname(FLAGS_gateway_port, "gateway_port"));
  options.gateway_port = FLAGS_gateway_port;
  if (FLAGS_datapath != "system" && FLAGS_datapath != "netdev") {
    return Invalid("--datapath: \"" + FLAGS_datapath + "\" is neither system nor netdev");
  }
  options.datapath =
      FLAGS_datapath == "netdev" ? netlink::Datapath::kNetdev : netlink::Datapath::kSystem;
  options.mtu = FLAGS_mtu;
  SLUICE_ASSIGN_OR_RETURN(options.http_address, ParseHttpAddress(FLAGS_http_address));
  SLUICE_ASSIGN_OR_RETURN(options.not_masqueraded,
                          ParseMasquerade({.masquerade = FLAGS_masquerade,
                                           .cluster_cidr = FLAGS_cluster_cidr,
                                           .no_masquerade_cidrs = FLAGS_no_masquerade_cidrs}));
  SLUICE_RETURN_IF_ERROR(
      CheckCniConf({.directory = FLAGS_cni_conf_dir, .template_file = FLAGS_cni_conf_template}));
  options.cni_conf_dir = FLAGS_cni_conf_dir;
  options.cni_conf_template = FLAGS_cni_conf_template;
  SLUICE_RETURN_IF_ERROR(SetNetworksFromFlags(options));
  return options;
}

}  // namespace sluice
