#include "tests/fuzz/history.h"

#include <boost/json.hpp>
#include <map>

#include "tests/oracle/reading.h"

namespace sluice::fuzz {
namespace {

namespace json = boost::json;

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

std::string TextAt(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? "" : std::string(value->as_string());
}

void ApplyPut(const json::object& manifest, oracle::Cluster& cluster) {
  const ManifestId id = IdOf(manifest);
  switch (id.kind) {
    case store::ObjectKind::kNamespace:
      cluster.namespaces[id.key.name] = oracle::ReadNamespace(manifest);
      break;
    case store::ObjectKind::kPod:
      cluster.pods[id.key] = oracle::ReadPod(manifest);
      break;
    case store::ObjectKind::kNetworkPolicy:
      cluster.policies[id.key] = oracle::ReadNetworkPolicy(manifest);
      break;
    case store::ObjectKind::kNode:
      break;
  }
}

void ApplyDelete(const Delete& gone, oracle::Cluster& cluster) {
  switch (gone.kind) {
    case store::ObjectKind::kNamespace:
      cluster.namespaces.erase(gone.key.name);
      break;
    case store::ObjectKind::kPod:
      cluster.pods.erase(gone.key);
      break;
    case store::ObjectKind::kNetworkPolicy:
      cluster.policies.erase(gone.key);
      break;
    case store::ObjectKind::kNode:
      break;
  }
}

}  // namespace

ManifestId IdOf(const json::object& manifest) {
  const json::object& meta = manifest.at("metadata").as_object();
  const std::string kind = TextAt(manifest, "kind");
  const store::ObjectKey key{TextAt(meta, "namespace"), TextAt(meta, "name")};
  if (kind == "Namespace") return {store::ObjectKind::kNamespace, key};
  if (kind == "Pod") return {store::ObjectKind::kPod, key};
  return {store::ObjectKind::kNetworkPolicy, key};
}

void Apply(const Event& event, oracle::Cluster& cluster) {
  std::visit(Overloaded{
                 [&](const Put& put) { ApplyPut(put.manifest, cluster); },
                 [&](const Delete& gone) { ApplyDelete(gone, cluster); },
                 [&](const Attach& of) { cluster.endpoints[of.endpoint.id] = of.endpoint; },
                 [&](const Detach& of) { cluster.endpoints.erase(of.id); },
             },
             event);
}

std::vector<Event> EndOf(const std::vector<Event>& events) {
  std::map<ManifestId, Put> objects;
  std::map<store::AttachmentId, Attach> endpoints;
  for (const Event& event : events) {
    std::visit(Overloaded{
                   [&](const Put& put) { objects[IdOf(put.manifest)] = put; },
                   [&](const Delete& gone) {
                     objects.erase({gone.kind, gone.key});
                   },
                   [&](const Attach& of) { endpoints[of.endpoint.id] = of; },
                   [&](const Detach& of) { endpoints.erase(of.id); },
               },
               event);
  }
  std::vector<Event> end;
  for (const auto& [id, put] : objects) end.emplace_back(put);
  for (const auto& [id, attach] : endpoints) end.emplace_back(attach);
  return end;
}

std::string ToString(const Event& event) {
  const auto object = [](const ManifestId& id) {
    return std::string(store::ToString(id.kind)) + " " + id.key.ToString();
  };
  return std::visit(Overloaded{
                        [&](const Put& put) { return "put " + object(IdOf(put.manifest)); },
                        [&](const Delete& gone) {
                          return "delete " + object({gone.kind, gone.key});
                        },
                        [](const Attach& of) {
                          std::string text = "attach " + of.endpoint.id.ToString() + " for " +
                                             of.endpoint.pod.ToString() + " uid '" +
                                             of.endpoint.pod_uid + "'";
                          for (const IpAddress& ip : of.endpoint.ips) text += " " + ip.ToString();
                          return text;
                        },
                        [](const Detach& of) { return "detach " + of.id.ToString(); },
                    },
                    event);
}

}  // namespace sluice::fuzz
