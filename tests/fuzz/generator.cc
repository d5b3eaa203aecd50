#include "tests/fuzz/generator.h"

#include <boost/json.hpp>

#include "tests/fuzz/manifest_writer.h"
#include "tests/fuzz/policy_writer.h"
#include "tests/fuzz/probe_pool.h"
#include "tests/oracle/reading.h"

namespace sluice::fuzz {
namespace {

using store::ObjectKind;

constexpr uint32_t kPoliciesPerNamespace = 4;
// One for every attachment that may ever be; pods come and go under their names.
constexpr uint32_t kFirstPort = 1000;

uint32_t IndexOf(const std::vector<std::string>& all, const std::string& one) {
  uint32_t index = 0;
  while (index < all.size() && all[index] != one) ++index;
  return index;
}

store::AttachmentId AttachmentOf(const store::ObjectKey& pod, const std::string& uid) {
  return {pod.ns + "-" + pod.name + "-" + uid, "eth0"};
}

OfPort PortOf(const store::ObjectKey& pod, const std::string& uid) {
  const auto number = static_cast<uint32_t>(pod.name[1] - '0');
  const uint32_t of_pod = kPodsPerNamespace * IndexOf(kNamespaceNames, pod.ns) + number;
  return {kFirstPort + static_cast<uint32_t>(kUids.size()) * of_pod + IndexOf(kUids, uid)};
}

}  // namespace

Event Generator::Next() {
  const uint32_t what = dice_.Below(100);
  if (what < 8) return Remember(NamespaceEvent());
  if (what < 36) return Remember(PodEvent());
  if (what < 70) return Remember(PolicyEvent());
  return Remember(EndpointEvent());
}

Event Generator::Remember(Event event) {
  if (const auto* put = std::get_if<Put>(&event)) known_[IdOf(put->manifest)] = put->manifest;
  if (const auto* gone = std::get_if<Delete>(&event)) known_.erase({gone->kind, gone->key});
  return event;
}

const boost::json::object* Generator::Known(ObjectKind kind, const store::ObjectKey& key) const {
  const auto found = known_.find({kind, key});
  return found == known_.end() ? nullptr : &found->second;
}

store::ObjectKey Generator::SomePodKey() {
  return {dice_.OneOf(kNamespaceNames), "p" + std::to_string(dice_.Below(kPodsPerNamespace))};
}

Event Generator::NamespaceEvent() {
  const std::string& name = dice_.OneOf(kNamespaceNames);
  if (dice_.Chance(20)) return Delete{ObjectKind::kNamespace, {"", name}};
  return Put{WriteNamespace(name, world_, dice_)};
}

Event Generator::PodEvent() {
  const store::ObjectKey key = SomePodKey();
  if (dice_.Chance(12)) return Delete{ObjectKind::kPod, key};
  const boost::json::object* known = Known(ObjectKind::kPod, key);
  if (known == nullptr || dice_.Chance(30)) return Put{WritePod(key, world_, dice_)};
  Put put{*known};
  ChangePod(put.manifest, world_, dice_);
  return put;
}

Event Generator::PolicyEvent() {
  const store::ObjectKey key{dice_.OneOf(kNamespaceNames),
                             "np" + std::to_string(dice_.Below(kPoliciesPerNamespace))};
  if (dice_.Chance(12)) return Delete{ObjectKind::kNetworkPolicy, key};
  const boost::json::object* known = Known(ObjectKind::kNetworkPolicy, key);
  if (dice_.Chance(20)) {
    // Nearly a twin of one of the others.
    const store::ObjectKey other{key.ns, "np" + std::to_string(dice_.Below(kPoliciesPerNamespace))};
    if (const auto* twin = Known(ObjectKind::kNetworkPolicy, other)) known = twin;
  } else if (dice_.Chance(40)) {
    known = nullptr;
  }
  if (known == nullptr) return Put{WritePolicy(key, world_, dice_)};
  Put put{*known};
  put.manifest["metadata"].as_object()["name"] = key.name;
  ChangePolicy(put.manifest, world_, dice_);
  return put;
}

// As CNI ADD and DEL make them: often for the pod that is there, with its addresses; sometimes
// before it is there, after it is gone, for an earlier one of that name, or with other addresses.
Event Generator::EndpointEvent() {
  const store::ObjectKey key = SomePodKey();
  const boost::json::object* known = Known(ObjectKind::kPod, key);
  std::string uid = dice_.OneOf(kUids);
  std::vector<IpAddress> ips = SomeAddresses(world_, dice_);
  if (known != nullptr && dice_.Chance(80)) {
    const store::Pod pod = oracle::ReadPod(*known);
    uid = pod.uid;
    if (!pod.ips.empty() && dice_.Chance(80)) ips = pod.ips;
  }
  if (dice_.Chance(20)) return Detach{AttachmentOf(key, uid)};
  std::sort(ips.begin(), ips.end());
  ips.erase(std::unique(ips.begin(), ips.end()), ips.end());
  store::Endpoint endpoint;
  endpoint.id = AttachmentOf(key, uid);
  endpoint.pod = key;
  endpoint.pod_uid = uid;
  endpoint.netns = "/run/netns/" + key.ns + "-" + key.name;
  endpoint.host_ifname = store::HostIfname(endpoint.id);
  endpoint.mac = store::MacFor(ips.front());
  endpoint.ips = ips;
  if (!dice_.Chance(5)) endpoint.ofport = PortOf(key, uid);
  return Attach{endpoint};
}

std::vector<oracle::Connection> Generator::Connections(const oracle::Cluster& cluster,
                                                       size_t count) {
  const ProbePool pool(world_, cluster);
  std::vector<oracle::Connection> connections;
  while (connections.size() < count) connections.push_back(pool.Some(dice_));
  return connections;
}

}  // namespace sluice::fuzz
