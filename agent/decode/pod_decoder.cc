#include "agent/decode/pod_decoder.h"

#include <algorithm>
#include <array>
#include <set>

#include "agent/decode/addresses.h"
#include "agent/decode/names.h"
#include "agent/decode/object_meta.h"
#include "agent/decode/policy_port_decoder.h"
#include "ofctl/base/result.h"

namespace sluice::decode {
namespace {

FieldResult<store::ContainerPort> DecodeContainerPort(const rapidjson::Value& json,
                                                      const FieldPath& path,
                                                      Validation validation) {
  if (!json.IsObject()) return WrongType(path, "an object", json);
  store::ContainerPort port;
  SLUICE_ASSIGN_OR_RETURN(const auto number, IntField(json, path, "containerPort"));
  if (!number) return ErrorAt(path.Child("containerPort"), "is missing");
  SLUICE_ASSIGN_OR_RETURN(port.number, PortNumber(*number, path.Child("containerPort")));
  SLUICE_ASSIGN_OR_RETURN(port.protocol, DecodeProtocol(json, path));
  SLUICE_ASSIGN_OR_RETURN(const auto name, StringField(json, path, "name"));
  port.name = name.value_or("");
  if (validation == Validation::kCreate && !port.name.empty()) {
    if (auto wrong = WrongWithPortName(port.name)) return ErrorAt(path.Child("name"), *wrong);
  }
  return port;
}

FieldResult<std::vector<store::ContainerPort>> DecodeContainerPorts(const rapidjson::Value& json,
                                                                    const FieldPath& path,
                                                                    Validation validation) {
  if (!json.IsObject()) return WrongType(path, "an object", json);
  std::vector<store::ContainerPort> ports;
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Value* list, ListField(json, path, "ports"));
  if (list == nullptr) return ports;
  const FieldPath list_path = path.Child("ports");
  std::set<std::string> names;
  for (rapidjson::SizeType i = 0; i < list->Size(); ++i) {
    const FieldPath item = list_path.Index(i);
    auto port = DecodeContainerPort((*list)[i], item, validation);
    if (!port.ok() && validation == Validation::kStored) continue;  // a port that names nothing
    if (!port.ok()) return port.error();
    const bool fresh = port->name.empty() || names.insert(port->name).second;
    if (!fresh && validation == Validation::kCreate) {
      return ErrorAt(item.Child("name"),
                     "a second port of the container is named " + Quoted(port->name));
    }
    ports.push_back(std::move(port).value());
  }
  return ports;
}

enum class Which : uint8_t { kAll, kSidecars };

// Appends to `ports`. An init container runs beside the others, and so serves ports, only if its
// restartPolicy is Always (netpol rule 34).
FieldResult<size_t> AppendPorts(const rapidjson::Value& spec, const FieldPath& path, Which which,
                                Validation validation, std::vector<store::ContainerPort>& ports) {
  const std::string_view name = which == Which::kAll ? "containers" : "initContainers";
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Value* list, ListField(spec, path, name));
  if (list == nullptr) return size_t{0};
  const FieldPath list_path = path.Child(name);
  for (rapidjson::SizeType i = 0; i < list->Size(); ++i) {
    const FieldPath item = list_path.Index(i);
    SLUICE_ASSIGN_OR_RETURN(auto declared, DecodeContainerPorts((*list)[i], item, validation));
    SLUICE_ASSIGN_OR_RETURN(const auto restart, StringField((*list)[i], item, "restartPolicy"));
    if (which == Which::kSidecars && restart != "Always") continue;
    ports.insert(ports.end(), declared.begin(), declared.end());
  }
  return size_t{list->Size()};
}

FieldResult<store::PodPhase> DecodePhase(const rapidjson::Value& status, const FieldPath& path,
                                         Validation validation) {
  using store::PodPhase;
  constexpr std::array<std::pair<std::string_view, PodPhase>, 6> kPhases = {{
      {"", PodPhase::kPending},
      {"Pending", PodPhase::kPending},
      {"Running", PodPhase::kRunning},
      {"Succeeded", PodPhase::kSucceeded},
      {"Failed", PodPhase::kFailed},
      {"Unknown", PodPhase::kUnknown},
  }};
  SLUICE_ASSIGN_OR_RETURN(const auto text, StringField(status, path, "phase"));
  for (const auto& [name, phase] : kPhases) {
    if (text.value_or("") == name) return phase;
  }
  if (validation == Validation::kStored) return PodPhase::kUnknown;
  return ErrorAt(path.Child("phase"),
                 Quoted(*text) + " is not one of Pending, Running, Succeeded, Failed, Unknown");
}

FieldResult<std::optional<IpAddress>> DecodeIp(const rapidjson::Value& object,
                                               const FieldPath& path, std::string_view name,
                                               Validation validation) {
  SLUICE_ASSIGN_OR_RETURN(const auto text, StringField(object, path, name));
  if (text.value_or("").empty()) return std::optional<IpAddress>();
  if (const auto address = ParseAddress(*text); address.ok()) return std::optional(*address);
  if (validation == Validation::kStored) return std::optional<IpAddress>();
  return ErrorAt(path.Child(name), Quoted(*text) + " is not an IP address");
}

// podIP is the first of podIPs; either may be missing.
FieldResult<std::vector<IpAddress>> DecodeIps(const rapidjson::Value& status, const FieldPath& path,
                                              Validation validation) {
  std::vector<IpAddress> ips;
  const auto add = [&](const std::optional<IpAddress>& ip) {
    if (ip && std::find(ips.begin(), ips.end(), *ip) == ips.end()) ips.push_back(*ip);
  };
  SLUICE_ASSIGN_OR_RETURN(const auto first, DecodeIp(status, path, "podIP", validation));
  add(first);
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Value* list, ListField(status, path, "podIPs"));
  const FieldPath list_path = path.Child("podIPs");
  for (rapidjson::SizeType i = 0; list != nullptr && i < list->Size(); ++i) {
    const FieldPath item = list_path.Index(i);
    if (!(*list)[i].IsObject()) return WrongType(item, "an object", (*list)[i]);
    SLUICE_ASSIGN_OR_RETURN(const auto ip, DecodeIp((*list)[i], item, "ip", validation));
    add(ip);
  }
  return ips;
}

FieldResult<store::Pod> WithSpec(store::Pod pod, const rapidjson::Value& spec,
                                 const FieldPath& path, Validation validation) {
  SLUICE_ASSIGN_OR_RETURN(const auto node, StringField(spec, path, "nodeName"));
  pod.node = node.value_or("");
  SLUICE_ASSIGN_OR_RETURN(const auto host_network, BoolField(spec, path, "hostNetwork"));
  if (host_network.value_or(false)) pod.host_network = store::HostNetwork::kYes;
  SLUICE_ASSIGN_OR_RETURN(const size_t containers,
                          AppendPorts(spec, path, Which::kAll, validation, pod.ports));
  if (containers == 0 && validation == Validation::kCreate) {
    return ErrorAt(path.Child("containers"), "at least one container is required");
  }
  const auto sidecars = AppendPorts(spec, path, Which::kSidecars, validation, pod.ports);
  if (!sidecars.ok()) return sidecars.error();
  return pod;
}

}  // namespace

FieldResult<store::Pod> DecodePod(const rapidjson::Value& json, Validation validation) {
  SLUICE_ASSIGN_OR_RETURN(ObjectMeta meta, DecodeObjectMeta(json, Scope::kNamespaced, validation));
  store::Pod pod;
  pod.key = std::move(meta.key);
  pod.uid = std::move(meta.uid);
  pod.labels = std::move(meta.labels);
  const FieldPath root;
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Value* spec, ObjectField(json, root, "spec"));
  const rapidjson::Value nothing(rapidjson::kObjectType);
  SLUICE_ASSIGN_OR_RETURN(pod, WithSpec(std::move(pod), spec == nullptr ? nothing : *spec,
                                        root.Child("spec"), validation));
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Value* status, ObjectField(json, root, "status"));
  if (status == nullptr) return pod;
  const FieldPath status_path = root.Child("status");
  SLUICE_ASSIGN_OR_RETURN(pod.phase, DecodePhase(*status, status_path, validation));
  SLUICE_ASSIGN_OR_RETURN(pod.ips, DecodeIps(*status, status_path, validation));
  return pod;
}

}  // namespace sluice::decode
