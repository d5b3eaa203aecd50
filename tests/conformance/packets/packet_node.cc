#include "tests/conformance/packets/packet_node.h"

#include <glog/logging.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <future>
#include <set>

namespace sluice::conformance {
namespace {

// At least so often the switch sweeps its megaflows (ms; 500 by default): we wait for it to.
constexpr char kSweep[] = "100";
constexpr char kBridgeName[] = "br-int";
// The gateways' addresses have to be nobody else's.
constexpr char kGateways[] = "100.127.255.254,fd7f:c0f0::ffff";
// Of every cluster, whether or not its objects are listed (agent/manifests).
constexpr const char* kEveryClusters[] = {"default", "kube-node-lease", "kube-public",
                                          "kube-system"};

bool CanBeAttached(const store::Pod& pod) {
  return pod.host_network == store::HostNetwork::kNo && !pod.ips.empty();
}

void RaiseDescriptorLimit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::string Joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += "\n" + line;
  return text;
}

}  // namespace

Result<std::unique_ptr<PacketNode>> PacketNode::Start(const std::string& programs) {
  if (geteuid() != 0) return Refused("--level=packets: needs root");
  RaiseDescriptorLimit();
  SLUICE_ASSIGN_OR_RETURN(NetworkNamespace home, NetworkNamespace::Create());
  SLUICE_RETURN_IF_ERROR(home.Enter());
  std::unique_ptr<PacketNode> node(new PacketNode(std::move(home), programs));
  SLUICE_RETURN_IF_ERROR(node->drops_.Connect(node->sandbox_.vswitchd_control()));
  SLUICE_RETURN_IF_ERROR(node->StartAgent(programs));
  return node;
}

PacketNode::PacketNode(NetworkNamespace home, const std::string& programs)
    : home_(std::move(home)),
      manifests_(sandbox_.rundir() + "/manifests"),
      cni_({.plugin = programs + "/sluice", .agent_socket = sandbox_.rundir() + "/cni.sock"}),
      drops_(kBridgeName) {}

Status PacketNode::StartAgent(const std::string& programs) {
  const std::string rundir = sandbox_.rundir();
  sandbox_.Vsctl("set Open_vSwitch . other_config:max-revalidator=" + std::string(kSweep));
  std::filesystem::create_directory(rundir + "/manifests");
  return agent_.Start(
      {.program = programs + "/sluice-agent",
       .arguments = {"--manifests=" + rundir + "/manifests", "--run_dir=" + rundir,
                     "--ovs_db=" + sandbox_.db_socket(), "--ovs_rundir=" + rundir,
                     "--bridge=" + std::string(kBridgeName), "--datapath=netdev",
                     "--pod_cidr=" + std::string(kPodPrefixIPv4) + "," + kPodPrefixIPv6,
                     "--gateway=" + std::string(kGateways), "--logtostderr"},
       .log = rundir + "/sluice-agent.log",
       .status_socket = rundir + "/status.sock"});
}

Status PacketNode::Follow(const ClusterState& state) {
  SLUICE_RETURN_IF_ERROR(DetachAllBut(state));
  SLUICE_ASSIGN_OR_RETURN(const std::string fence, manifests_.Write(state));
  SLUICE_RETURN_IF_ERROR(agent_.AwaitSynced(fence));
  SLUICE_RETURN_IF_ERROR(AttachMissing(state));
  SLUICE_ASSIGN_OR_RETURN(const auto standing, agent_.AwaitSynced(fence));
  revision_ = standing.revision;
  return CheckTaken(standing, state);
}

Status PacketNode::DetachAllBut(const ClusterState& state) {
  std::vector<CniRuntime::Attachment> gone;
  for (const auto& [key, attached] : pods_) {
    const auto stays = state.pods.find(key);
    if (stays == state.pods.end() || !CanBeAttached(stays->second) ||
        stays->second.ips != attached.attachment.ips) {
      gone.push_back(attached.attachment);
    }
  }
  SLUICE_RETURN_IF_ERROR(CallAll(&CniRuntime::Delete, gone));
  for (const CniRuntime::Attachment& attachment : gone) pods_.erase(attachment.pod);
  return Ok();
}

Status PacketNode::AttachMissing(const ClusterState& state) {
  std::vector<CniRuntime::Attachment> fresh;
  for (const auto& [key, pod] : state.pods) {
    if (!CanBeAttached(pod) || pods_.contains(key)) continue;
    SLUICE_ASSIGN_OR_RETURN(NetworkNamespace netns, NetworkNamespace::Create());
    fresh.push_back({.pod = key, .netns = netns.path(), .ips = pod.ips});
    pods_.emplace(key, AttachedPod{fresh.back(), Host(std::move(netns))});
  }
  return CallAll(&CniRuntime::Add, fresh);
}

Status PacketNode::CallAll(CniCall call,
                           const std::vector<CniRuntime::Attachment>& attachments) const {
  std::vector<std::future<Status>> running;
  for (const CniRuntime::Attachment& attachment : attachments) {
    running.push_back(
        std::async(std::launch::async, [&, call] { return std::invoke(call, cni_, attachment); }));
  }
  Status first_failure = Ok();
  for (std::future<Status>& one : running) {
    Status done = one.get();
    if (!done.ok() && first_failure.ok()) first_failure = std::move(done);
  }
  return first_failure;
}

// A manifest that the agent refuses would leave its last good version in force, or nothing.
Status PacketNode::CheckTaken(const AgentProcess::Standing& standing, const ClusterState& state) {
  std::set<std::string> namespaces(std::begin(kEveryClusters), std::end(kEveryClusters));
  for (const auto& [name, ns] : state.namespaces) namespaces.insert(name);
  const auto& counts = standing.counts;
  if (counts.policies != state.policies.size() || counts.namespaces != namespaces.size()) {
    return Internal("the agent has not taken every manifest:" + Joined(standing.complaints));
  }
  SLUICE_ASSIGN_OR_RETURN(const auto closed, agent_.ClosedPods());
  if (!closed.empty() || counts.endpoints != pods_.size()) {
    return Internal("the agent keeps pods closed, or does not know them:" + Joined(closed));
  }
  return Ok();
}

Status PacketNode::CheckUndisturbed() {
  SLUICE_ASSIGN_OR_RETURN(const auto standing, agent_.Ask());
  if (standing.in_sync && standing.revision == revision_) return Ok();
  return Internal("the agent was not at rest while packets were tried");
}

Status PacketNode::SurroundWith(const std::set<IpAddress>& outside) {
  std::erase_if(outside_, [&](const auto& host) { return !outside.contains(host.first); });
  for (const IpAddress& ip : outside) {
    if (outside_.contains(ip)) continue;
    SLUICE_ASSIGN_OR_RETURN(Host host,
                            AttachOutsideHost({.ip = ip, .number = ++outside_so_far_}, home_));
    outside_.emplace(ip, std::move(host));
  }
  return Ok();
}

Host& PacketNode::HostOf(const End& end) {
  return end.pod ? pods_.at(*end.pod).host : outside_.at(end.ip);
}

}  // namespace sluice::conformance
