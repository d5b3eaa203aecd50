#include "tests/conformance/connectivity_file.h"

#include <algorithm>

#include "ofctl/base/result.h"
#include "tests/conformance/golden_connections.h"

namespace sluice::conformance {
namespace {

struct Workload {
  std::string name;
  std::vector<store::Pod> pods;
};

FieldResult<std::vector<Workload>> ParseWorkloads(const Value& workloads, const FieldPath& path) {
  std::vector<Workload> parsed;
  for (const auto& [name, pods] : workloads.GetObject()) {
    const FieldPath at = path.Key(decode::TextOf(name));
    if (!pods.IsArray()) return decode::WrongType(at, "a list", pods);
    Workload workload{std::string(decode::TextOf(name)), {}};
    for (rapidjson::SizeType i = 0; i < pods.Size(); ++i) {
      const FieldPath pod_at = at.Index(i);
      SLUICE_ASSIGN_OR_RETURN(store::Pod pod, ParsePod(pods[i], pod_at));
      workload.pods.push_back(std::move(pod));
    }
    parsed.push_back(std::move(workload));
  }
  return parsed;
}

// Blocks that policies compare a pod's peers with, in one direction.
std::vector<store::IpBlock> BlocksOf(const ClusterState& state, const store::Pod& pod,
                                     store::Direction direction) {
  std::vector<store::IpBlock> blocks;
  for (const auto& [key, policy] : state.policies) {
    const auto& rules = policy.rules(direction);
    if (!rules || key.ns != pod.key.ns || !policy.pod_selector.Matches(pod.labels)) continue;
    for (const store::PolicyRule& rule : *rules) {
      for (const store::Peer& peer : rule.peers) {
        if (peer.ip_block) blocks.push_back(*peer.ip_block);
      }
    }
  }
  return blocks;
}

bool Cover(const std::vector<store::IpBlock>& blocks, const IpAddress& ip) {
  return std::any_of(blocks.begin(), blocks.end(),
                     [&](const store::IpBlock& block) { return block.Contains(ip); });
}

// A /16 for the pods that as few ipBlocks as possible meet.
uint32_t PodNetwork(const ClusterState& state) {
  constexpr uint32_t kFirst = 100u << 24 | 64u << 16;  // 100.64.0.0/10 has 64 of them
  uint32_t best = kFirst;
  size_t fewest = SIZE_MAX;
  for (uint32_t network = kFirst; network < kFirst + (64u << 16); network += 1u << 16) {
    const Cidr cidr = Cidr::Of(IpAddress::FromV4(network), 16);
    size_t meeting = 0;
    for (const auto& [key, policy] : state.policies) {
      for (const auto* rules : {&policy.ingress, &policy.egress}) {
        if (!*rules) continue;
        for (const store::PolicyRule& rule : **rules) {
          for (const store::Peer& peer : rule.peers) {
            meeting += peer.ip_block &&
                       (peer.ip_block->cidr.Contains(cidr) || cidr.Contains(peer.ip_block->cidr));
          }
        }
      }
    }
    if (meeting < fewest) {
      fewest = meeting;
      best = network;
    }
  }
  return best;
}

// Both ends of every range that is named anywhere, and the ports beside them.
std::vector<Service> ServicesToTry(const GoldenConnections& golden, const ClusterState& state) {
  std::set<uint16_t> ports = {1, 65535};
  const auto add = [&](uint16_t first, uint16_t last) {
    ports.insert({first, last});
    if (first > 1) ports.insert(static_cast<uint16_t>(first - 1));
    if (last < 65535) ports.insert(static_cast<uint16_t>(last + 1));
  };
  for (const PortSpan& span : golden.Spans()) add(span.first, span.last);
  for (const auto& [key, policy] : state.policies) {
    for (const auto* rules : {&policy.ingress, &policy.egress}) {
      if (!*rules) continue;
      for (const store::PolicyRule& rule : **rules) {
        for (const store::PolicyPort& port : rule.ports) {
          const auto* number = std::get_if<uint16_t>(&port.port);
          if (number != nullptr) add(*number, port.end.value_or(*number));
        }
      }
    }
  }
  std::vector<Service> services;
  for (const auto protocol :
       {store::Protocol::kTcp, store::Protocol::kUdp, store::Protocol::kSctp}) {
    for (const uint16_t port : ports) services.push_back({protocol, port});
  }
  return services;
}

class CaseBuilder {
 public:
  CaseBuilder(Case& target, const GoldenConnections& golden, std::vector<Workload> workloads)
      : step_(target.steps.emplace_back()), golden_(golden), workloads_(std::move(workloads)) {}

  void Build(ClusterState state) {
    step_.state = std::move(state);
    AddPods();
    AddOutside();
    for (const Service& service : ServicesToTry(golden_, step_.state)) {
      step_.tables.push_back({service, View::kCombined, {}, {}});
    }
    for (uint32_t source = 0; source < step_.ends.size(); ++source) {
      for (uint32_t destination = 0; destination < step_.ends.size(); ++destination) {
        AddPair(source, destination);
      }
    }
  }

 private:
  struct EndDetail {
    const Workload* workload = nullptr;  // null: outside
    bool host_network = false;
    std::vector<store::IpBlock> ingress_blocks;
    std::vector<store::IpBlock> egress_blocks;
  };

  void AddPods() {
    uint32_t next = PodNetwork(step_.state) + 10;
    for (const Workload& workload : workloads_) {
      for (store::Pod pod : workload.pods) {
        pod.ips = {IpAddress::FromV4(next++)};
        step_.ends.push_back({pod.key.ToString(), pod.ips.front(), pod.key});
        details_.push_back({&workload, pod.host_network == store::HostNetwork::kYes,
                            BlocksOf(step_.state, pod, store::Direction::kIngress),
                            BlocksOf(step_.state, pod, store::Direction::kEgress)});
        step_.state.pods.insert_or_assign(pod.key, pod);
      }
    }
  }

  void AddOutside() {
    std::set<IpAddress> addresses = golden_.OutsideEdges();
    for (const End& pod : step_.ends) addresses.erase(pod.ip);
    for (const IpAddress& ip : addresses) {
      step_.ends.push_back({ip.ToString(), ip, std::nullopt});
      details_.emplace_back();
    }
  }

  void AddPair(uint32_t source, uint32_t destination) {
    const EndDetail& from = details_[source];
    const EndDetail& to = details_[destination];
    if (from.workload == to.workload) return;  // itself, one another's replica, or outside alone
    if (from.host_network || to.host_network) return LeaveOut("host-network pod");
    if (from.workload != nullptr && to.workload != nullptr &&
        (Cover(from.egress_blocks, step_.ends[destination].ip) ||
         Cover(to.ingress_blocks, step_.ends[source].ip))) {
      return LeaveOut("ipBlock covers a pod");
    }
    const Connections allowed = Allowed(source, destination);
    for (Table& table : step_.tables) {
      const bool allow = allowed.Allow(table.service);
      table.cells.push_back({source, destination, allow ? Expected::kAllowed : Expected::kDenied});
    }
  }

  Connections Allowed(uint32_t source, uint32_t destination) const {
    const Workload* from = details_[source].workload;
    const Workload* to = details_[destination].workload;
    if (from == nullptr) return golden_.FromOutside(step_.ends[source].ip, to->name);
    if (to == nullptr) return golden_.ToOutside(from->name, step_.ends[destination].ip);
    return golden_.Between(from->name, to->name);
  }

  void LeaveOut(const std::string& reason) {
    for (Table& table : step_.tables) ++table.left_out[reason];
  }

  Step& step_;
  const GoldenConnections& golden_;
  std::vector<Workload> workloads_;
  std::vector<EndDetail> details_;  // by end
};

FieldResult<Case> ParseCase(const Value& json, const FieldPath& path) {
  SLUICE_ASSIGN_OR_RETURN(const Value* object, AsObject(json, path));
  Case parsed;
  ClusterState state;
  SLUICE_ASSIGN_OR_RETURN(parsed.id, RequiredString(*object, path, "name"));
  SLUICE_ASSIGN_OR_RETURN(const Value* namespaces, RequiredObject(*object, path, "namespaces"));
  SLUICE_ASSIGN_OR_RETURN(const Value* workloads, RequiredObject(*object, path, "workloads"));
  SLUICE_ASSIGN_OR_RETURN(const Value* policies, RequiredList(*object, path, "policies"));
  SLUICE_ASSIGN_OR_RETURN(const Value* allowed, RequiredList(*object, path, "allowed"));
  const FieldPath namespaces_at = path.Child("namespaces");
  const FieldPath workloads_at = path.Child("workloads");
  const FieldPath policies_at = path.Child("policies");
  const FieldPath allowed_at = path.Child("allowed");
  SLUICE_ASSIGN_OR_RETURN(state.namespaces, ParseNamespaces(*namespaces, namespaces_at));
  SLUICE_ASSIGN_OR_RETURN(state.policies, ParsePolicies(*policies, policies_at));
  SLUICE_ASSIGN_OR_RETURN(auto of_workloads, ParseWorkloads(*workloads, workloads_at));
  SLUICE_ASSIGN_OR_RETURN(const auto golden, GoldenConnections::Parse(*allowed, allowed_at));
  CaseBuilder(parsed, golden, std::move(of_workloads)).Build(std::move(state));
  // A file without actions is replayed object by object.
  Step& step = parsed.steps.front();
  for (store::StoreEvent& event : step.state.Events()) step.actions.push_back({std::move(event)});
  return parsed;
}

}  // namespace

FieldResult<std::vector<Case>> ParseConnectivity(const Value& document) {
  return ParseCases(document, ParseCase);
}

}  // namespace sluice::conformance
