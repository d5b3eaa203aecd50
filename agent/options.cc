#include "agent/options.h"

#include <gflags/gflags.h>

DEFINE_string(manifests, "", "Directory of Kubernetes manifests (Namespace, Pod, NetworkPolicy)");
DEFINE_string(run_dir, "/run/sluice", "Where cni.sock and status.sock are");
DEFINE_string(ovs_db, "/run/openvswitch/db.sock", "Unix socket of ovsdb-server");
DEFINE_string(ovs_rundir, "/run/openvswitch", "Run directory of ovs-vswitchd");
DEFINE_string(bridge, "br-int", "Bridge that the pods are attached to");
DEFINE_string(datapath, "system", "system (kernel module) or netdev (userspace)");
DEFINE_string(pod_cidr, "10.244.0.0/24", "Addresses of this node's pods");
DEFINE_string(gateway, "10.244.0.1", "The node's own address in pod_cidr, the pods' gateway");
DEFINE_string(gateway_port, "sluice-gw0", "Internal port between the bridge and the node");
DEFINE_uint32(mtu, 1500, "MTU of the pods' interfaces");

namespace sluice {
namespace {

constexpr uint32_t kMinMtu = 576;  // what every IPv4 host must take (RFC 791)
constexpr uint32_t kMaxMtu = 65535;
constexpr size_t kMaxIfname = 15;  // IFNAMSIZ - 1

Status CheckIfname(const std::string& name, std::string_view flag) {
  if (!name.empty() && name.size() <= kMaxIfname && name.find('/') == std::string::npos) {
    return Ok();
  }
  return Invalid("--" + std::string(flag) + ": \"" + name + "\" is no name for an interface");
}

}  // namespace

Result<Options> OptionsFromFlags() {
  Options options;
  if (FLAGS_manifests.empty()) return Invalid("--manifests: a directory is needed");
  options.manifests = FLAGS_manifests;
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
  const Result<Cidr> pod_cidr = ParseCidr(FLAGS_pod_cidr);
  if (!pod_cidr.ok()) return pod_cidr.error().Context("--pod_cidr");
  options.pod_cidr = *pod_cidr;
  const Result<IpAddress> gateway = ParseIp(FLAGS_gateway);
  if (!gateway.ok()) return gateway.error().Context("--gateway");
  options.gateway = *gateway;
  if (!options.pod_cidr.Contains(options.gateway)) {
    return Invalid("--gateway: " + FLAGS_gateway + " is not in --pod_cidr " + FLAGS_pod_cidr);
  }
  if (!options.gateway.is_v4()) return Unsupported("--gateway: IPv6 is not supported yet");
  if (FLAGS_mtu < kMinMtu || FLAGS_mtu > kMaxMtu) {
    return Invalid("--mtu: " + std::to_string(FLAGS_mtu) + " is not in 576..65535");
  }
  options.mtu = FLAGS_mtu;
  return options;
}

}  // namespace sluice
