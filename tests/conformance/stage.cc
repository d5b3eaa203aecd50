#include "tests/conformance/stage.h"

#include <algorithm>

namespace sluice::conformance {
namespace {

// fe80::1, nobody's either.
constexpr IpAddress kGatewayIPv6 =
    IpAddress::FromV6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});

store::AttachmentId AttachmentOf(const store::ObjectKey& pod) {
  return {"conformance." + pod.ns + "." + pod.name, "eth0"};
}

store::Endpoint EndpointOf(const store::Pod& pod, OfPort port) {
  store::Endpoint endpoint;
  endpoint.id = AttachmentOf(pod.key);
  endpoint.pod = pod.key;
  endpoint.netns = "/run/netns/" + pod.key.ns + "-" + pod.key.name;
  endpoint.host_ifname = store::HostIfname(endpoint.id);
  endpoint.mac = store::MacFor(pod.ips.front());
  endpoint.ips = pod.ips;
  endpoint.ofport = port;
  return endpoint;
}

// The first flow that one of them has and the other has not, or has otherwise.
std::string FlowDifference(const ofctl::FlowMap& replayed, const ofctl::FlowMap& fresh) {
  for (const auto& [key, body] : replayed) {
    const auto found = fresh.find(key);
    if (found == fresh.end()) return "replayed alone has flow " + ofctl::ToString({key, body});
    if (found->second != body) return "flow " + ofctl::ToString(key) + " has other actions";
  }
  for (const auto& [key, body] : fresh) {
    if (!replayed.contains(key)) return "replayed lacks flow " + ofctl::ToString({key, body});
  }
  return "";
}

bool SamePods(const store::ClusterStore& a, const store::ClusterStore& b) {
  bool same = a.pod_count() == b.pod_count();
  a.ForEachPod([&](const store::PodState& pod) {
    const store::PodState* other = b.FindPod(pod.key);
    same = same && other != nullptr && pod == *other;
  });
  return same;
}

bool SamePolicies(const store::ClusterStore& a, const store::ClusterStore& b) {
  bool same = a.policy_count() == b.policy_count();
  a.ForEachPolicy([&](const store::NetworkPolicy& policy) {
    const store::NetworkPolicy* other = b.FindPolicy(policy.key);
    same = same && other != nullptr && policy == *other;
  });
  return same;
}

}  // namespace

PortPlan PlanPorts(const Case& of) {
  PortPlan ports;
  const auto add = [&](const ClusterState& state) {
    for (const auto& [key, pod] : state.pods) ports.emplace(key, OfPort{});
  };
  add(of.before);
  for (const Step& step : of.steps) {
    add(step.state);
    for (const auto& action : step.actions) {
      for (const store::StoreEvent& event : action) {
        if (event.kind == store::ObjectKind::kPod) ports.emplace(event.key, OfPort{});
      }
    }
  }
  uint32_t next = kFirstPodPort;
  for (auto& [key, port] : ports) port = OfPort{next++};
  return ports;
}

pipeline::NodePorts TestNode() {
  return {.gateway = OfPort{1},
          .mac = MacAddress({0x0a, 0x58, 0x00, 0x00, 0x00, 0x01}),
          .addresses = {IpAddress::FromV4(0xa9fe0101), kGatewayIPv6}};  // 169.254.1.1: nobody's
}

void Stage::Apply(const std::vector<store::StoreEvent>& events) {
  for (const store::StoreEvent& event : events) {
    const bool is_pod = event.kind == store::ObjectKind::kPod;
    if (is_pod && !event.object) desired_.RemoveEndpoint(AttachmentOf(event.key));
    state_.Apply(event);
    desired_.Apply({event});
    if (!is_pod || !event.object) continue;
    const store::Pod& pod = std::get<store::Pod>(*event.object);
    if (pod.host_network == store::HostNetwork::kYes) continue;
    desired_.PutEndpoint(EndpointOf(pod, PortOf(pod.key)));
  }
}

std::string Difference(const Stage& replayed, const Stage& fresh) {
  const store::ClusterStore& a = replayed.desired().store();
  const store::ClusterStore& b = fresh.desired().store();
  if (a.namespaces() != b.namespaces()) return "the namespaces differ";
  if (!SamePods(a, b)) return "the pods differ";
  if (a.endpoints() != b.endpoints()) return "the endpoints differ";
  if (!SamePolicies(a, b)) return "the policies differ";
  return FlowDifference(replayed.desired().flows().Flows(), fresh.desired().flows().Flows());
}

}  // namespace sluice::conformance
