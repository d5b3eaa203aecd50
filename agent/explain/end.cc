#include "agent/explain/end.h"

#include <algorithm>

namespace sluice::explain {
namespace {

using store::Locality;
using store::ObjectKey;
using store::Pod;
using store::PodState;

PodAtEnd Of(const PodState& pod) { return {pod.key, pod.labels, pod.named_ports}; }

PodAtEnd Of(const Pod& pod) {
  PodAtEnd at_end{pod.key, std::make_shared<const store::Labels>(pod.labels), {}};
  std::copy_if(pod.ports.begin(), pod.ports.end(), std::back_inserter(at_end.named_ports),
               [](const store::ContainerPort& port) { return !port.name.empty(); });
  return at_end;
}

// Whoever has the address, as the policy engine sees it: pods of this node before all others.
End At(const View& view, const IpAddress& address) {
  End end{.place = Place::kOutside,
          .name = address.ToString(),
          .address = address,
          .range = std::nullopt,
          .pods = {}};
  const store::PodList pods = view.store.PodsAt(address);
  for (const Locality wanted : {Locality::kLocal, Locality::kRemote}) {
    for (const PodState* pod : pods) {
      if (pod->locality == wanted) end.pods.push_back(Of(*pod));
    }
    if (end.pods.empty()) continue;
    std::ranges::sort(end.pods, {}, &PodAtEnd::key);
    const bool here = wanted == Locality::kLocal || view.judged == View::Judged::kAll;
    end.place = here ? Place::kHere : Place::kElsewhere;
    break;
  }
  return end;
}

std::vector<IpAddress> OnePerFamily(const std::vector<IpAddress>& addresses) {
  std::vector<IpAddress> chosen;
  for (const IpFamily family : {IpFamily::kIPv4, IpFamily::kIPv6}) {
    const auto found =
        std::find_if(addresses.begin(), addresses.end(),
                     [&](const IpAddress& address) { return address.family() == family; });
    if (found != addresses.end()) chosen.push_back(*found);
  }
  return chosen;
}

Ends OfPod(const View& view, const PodState& pod) {
  Ends ends;
  for (const IpAddress& address : OnePerFamily(pod.ips)) {
    End end = At(view, address);
    end.name = pod.key.ToString();
    const bool own = std::any_of(end.pods.begin(), end.pods.end(),
                                 [&](const PodAtEnd& each) { return each.key == pod.key; });
    if (!own) {
      ends.notes.push_back(address.ToString() + " of " + end.name + " belongs to " +
                           end.pods.front().key.ToString() + ", a pod of this node, which counts");
    } else if (end.pods.size() > 1) {
      ends.notes.push_back(address.ToString() + " is claimed by " +
                           std::to_string(end.pods.size()) +
                           " pods: what a policy says of one of them counts for all");
    }
    ends.of_family.push_back(std::move(end));
  }
  return ends;
}

// What the node of the pods attached here is called; "" while none of their objects says it.
std::string NodeName(const View& view) {
  for (const auto& [id, state] : view.store.endpoints()) {
    if (state.gate != store::Gate::kOpen) continue;
    const std::optional<Pod> object = view.store.FindPodObject(state.endpoint.pod);
    if (object && !object->node.empty()) return object->node;
  }
  return "";
}

Ends OfHostNetwork(const View& view, const Pod& pod) {
  const std::string name = pod.key.ToString();
  const std::string here = NodeName(view);
  Ends ends;
  ends.notes.push_back(name + " is on the host network: no policy selects it, neither as subject" +
                       " nor as peer; its packets are its node's");
  Place place = Place::kPerhapsNode;
  if (view.judged == View::Judged::kAll || (!pod.node.empty() && pod.node == here)) {
    place = Place::kNodeItself;
  } else if (!pod.node.empty() && !here.empty()) {
    place = Place::kOutside;
    ends.notes.push_back("its node is " + pod.node + ", this node is " + here);
  }
  for (const IpAddress& address : OnePerFamily(pod.ips)) {
    ends.of_family.push_back({place, name, address, std::nullopt, {}});
  }
  if (ends.of_family.empty())
    ends.of_family.push_back({place, name, std::nullopt, std::nullopt, {}});
  return ends;
}

Ends WithoutAddress(const View& view, const Pod& pod) {
  const bool all = view.judged == View::Judged::kAll;
  const End end{.place = all ? Place::kHere : Place::kElsewhere,
                .name = pod.key.ToString(),
                .address = std::nullopt,
                .range = std::nullopt,
                .pods = {Of(pod)}};
  Ends ends;
  std::string note = end.name + " has no address yet";
  for (const Cidr& range : view.pod_ranges) {
    ends.of_family.push_back(end);
    ends.of_family.back().range = range;
    note += (ends.of_family.size() == 1 ? ": taken to be in " : " and ") + range.ToString();
  }
  if (ends.of_family.empty()) {
    ends.of_family.push_back(end);
    if (!all) note += " and is not attached here: nothing passes before it has one";
  }
  ends.notes.push_back(std::move(note));
  return ends;
}

Result<Ends> ResolvePod(const View& view, const ObjectKey& key) {
  if (const PodState* pod = view.store.FindPod(key)) return OfPod(view, *pod);
  const std::string name = key.ToString();
  const std::optional<Pod> object = view.store.FindPodObject(key);
  if (!object) return NotFound("there is no pod " + name);
  if (object->phase == store::PodPhase::kSucceeded || object->phase == store::PodPhase::kFailed) {
    return NotFound("pod " + name + " has finished: its address is free again, no policy is about" +
                    " it and nothing reaches it");
  }
  if (object->host_network == store::HostNetwork::kYes) return OfHostNetwork(view, *object);
  return WithoutAddress(view, *object);
}

Ends ResolveNode(const View& view) {
  Ends ends;
  for (const IpAddress& address : OnePerFamily(view.node_addresses)) {
    ends.of_family.push_back({Place::kNodeItself, "node", address, std::nullopt, {}});
  }
  if (ends.of_family.empty()) {
    ends.of_family.push_back({Place::kNodeItself, "node", std::nullopt, std::nullopt, {}});
  }
  return ends;
}

Ends ResolveAddress(const View& view, const IpAddress& address) {
  Ends ends;
  ends.of_family.push_back(At(view, address));
  const End& end = ends.of_family.front();
  const auto& own = view.node_addresses;
  if (std::find(own.begin(), own.end(), address) != own.end()) {
    ends.notes.push_back(address.ToString() + " is this node's address: asked as an address it" +
                         " means what the node forwards; \"node\" means the node itself");
  } else if (end.pods.empty()) {
    ends.notes.push_back(address.ToString() + " is no known pod's: only ipBlocks and rules for" +
                         " any peer can mean it");
  }
  return ends;
}

}  // namespace

std::optional<IpFamily> End::family() const {
  if (address) return address->family();
  return range ? std::optional(range->family()) : std::nullopt;
}

std::string End::ToString() const {
  if (!address) return name;
  const std::string text = address->ToString();
  if (place == Place::kOutside && pods.empty() && name == text) return text;
  const std::string who = name != text || pods.empty() ? name : pods.front().key.ToString();
  return text + " (" + who + ")";
}

Result<Ends> Resolve(const View& view, const Party& party) {
  if (const auto* pod = std::get_if<ObjectKey>(&party)) return ResolvePod(view, *pod);
  if (const auto* address = std::get_if<IpAddress>(&party)) return ResolveAddress(view, *address);
  return ResolveNode(view);
}

}  // namespace sluice::explain
