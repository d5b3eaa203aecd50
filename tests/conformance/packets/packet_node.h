// PacketNode: a node in a network namespace of its own: a real Open vSwitch (userspace datapath), a
// real agent that follows a directory of manifests, and pods attached by the real CNI plugin.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/conformance/packets/agent_process.h"
#include "tests/conformance/packets/cni_runtime.h"
#include "tests/conformance/packets/drop_counter.h"
#include "tests/conformance/packets/host.h"
#include "tests/conformance/packets/manifest_directory.h"
#include "tests/conformance/packets/network_namespace.h"
#include "tests/fakes/ovs_sandbox.h"

namespace sluice::conformance {

class PacketNode {
 public:
  // `programs`: the directory of sluice-agent and sluice. The calling thread moves to the node's
  // namespace for good. Needs root.
  static Result<std::unique_ptr<PacketNode>> Start(const std::string& programs);

  // Back when the agent has taken over the whole state, the switch holds what follows from it, and
  // exactly the state's pods are attached. A pod stays attached while its name and address stay.
  Status Follow(const ClusterState& state);
  // An error if the agent has ended, is out of sync, or has done anything since Follow: then what
  // was seen in between says nothing.
  Status CheckUndisturbed();

  // Outside of the cluster, there are the addresses' machines and no others.
  Status SurroundWith(const std::set<IpAddress>& outside);
  // A pod that is attached, or a machine outside that is there; CHECKs that it is.
  Host& HostOf(const End& end);

  const NetworkNamespace& home() const { return home_; }
  DropCounter& drops() { return drops_; }
  // Back when the switch has gone once over its megaflows.
  Status AwaitSweep() {
    const auto read = drops_.Read();
    return read.ok() ? Ok() : Status(read.error());
  }
  const AgentProcess& agent() const { return agent_; }

 private:
  struct AttachedPod {
    CniRuntime::Attachment attachment;
    Host host;
  };

  PacketNode(NetworkNamespace home, const std::string& programs);
  Status StartAgent(const std::string& programs);
  Status DetachAllBut(const ClusterState& state);
  Status AttachMissing(const ClusterState& state);
  // The CNI calls, at once, as of a runtime that is in a hurry.
  using CniCall = Status (CniRuntime::*)(const CniRuntime::Attachment&) const;
  Status CallAll(CniCall call, const std::vector<CniRuntime::Attachment>& attachments) const;
  Status CheckTaken(const AgentProcess::Standing& standing, const ClusterState& state);

  NetworkNamespace home_;
  fakes::OvsSandbox sandbox_{fakes::OvsSandbox::Datapath::kNetdev};
  ManifestDirectory manifests_;
  CniRuntime cni_;
  AgentProcess agent_;
  DropCounter drops_;
  std::map<store::ObjectKey, AttachedPod> pods_;
  std::map<IpAddress, Host> outside_;
  uint32_t outside_so_far_ = 0;
  uint64_t revision_ = 0;  // the agent's, after Follow
};

}  // namespace sluice::conformance
