#include "tests/conformance/case_objects.h"

#include <algorithm>
#include <charconv>

#include "agent/decode/object_decoder.h"
#include "ofctl/base/result.h"

namespace sluice::conformance {
namespace {

constexpr char kNameLabel[] = "kubernetes.io/metadata.name";

FieldResult<const Value*> Present(FieldResult<const Value*> field, const FieldPath& path,
                                  std::string_view name) {
  if (field.ok() && field.value() == nullptr) {
    return decode::ErrorAt(path.Child(name), "is missing");
  }
  return field;
}

// Absent for a port without a number: nothing can be sent to it, and no name resolves to it.
FieldResult<std::optional<store::ContainerPort>> ParseContainerPort(const Value& json,
                                                                    const FieldPath& path) {
  SLUICE_ASSIGN_OR_RETURN(const Value* port, AsObject(json, path));
  SLUICE_RETURN_IF_ERROR(HasOnly(*port, path, {"name", "port", "protocol"}));
  SLUICE_ASSIGN_OR_RETURN(const auto name, decode::StringField(*port, path, "name"));
  SLUICE_ASSIGN_OR_RETURN(const auto number, decode::IntField(*port, path, "port"));
  SLUICE_ASSIGN_OR_RETURN(const auto text, decode::StringField(*port, path, "protocol"));
  const auto protocol = ParseProtocol(text.value_or("TCP"));
  if (!protocol) return decode::ErrorAt(path.Child("protocol"), "is no protocol");
  if (!number) return std::optional<store::ContainerPort>();
  if (*number < 1 || *number > 65535) {
    return decode::ErrorAt(path.Child("port"), "is not in 1..65535");
  }
  return std::optional(store::ContainerPort{std::string(name.value_or("")), *protocol,
                                            static_cast<uint16_t>(*number)});
}

void AddIfMissing(rapidjson::Document& object, const char* name, const char* value) {
  if (decode::FindField(object, name) != nullptr) return;
  object.RemoveMember(name);  // it may be there, and null
  object.AddMember(rapidjson::StringRef(name), rapidjson::StringRef(value), object.GetAllocator());
}

}  // namespace

FieldResult<const Value*> RequiredObject(const Value& object, const FieldPath& path,
                                         std::string_view name) {
  return Present(decode::ObjectField(object, path, name), path, name);
}

FieldResult<const Value*> RequiredList(const Value& object, const FieldPath& path,
                                       std::string_view name) {
  return Present(decode::ListField(object, path, name), path, name);
}

FieldResult<std::string> RequiredString(const Value& object, const FieldPath& path,
                                        std::string_view name) {
  SLUICE_ASSIGN_OR_RETURN(const auto text, decode::StringField(object, path, name));
  if (!text || text->empty()) return decode::ErrorAt(path.Child(name), "is missing");
  return std::string(*text);
}

FieldResult<const Value*> AsObject(const Value& value, const FieldPath& path) {
  if (!value.IsObject()) return decode::WrongType(path, "an object", value);
  return &value;
}

FieldResult<bool> HasOnly(const Value& object, const FieldPath& path,
                          std::initializer_list<std::string_view> names) {
  for (const auto& [key, value] : object.GetObject()) {
    const std::string_view name = decode::TextOf(key);
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    return decode::ErrorAt(path.Child(name), "no such field is known");
  }
  return true;
}

FieldResult<store::Labels> ParseLabels(const Value& labels, const FieldPath& path) {
  store::Labels parsed;
  for (const auto& [name, value] : labels.GetObject()) {
    const FieldPath at = path.Key(decode::TextOf(name));
    if (!value.IsString()) return decode::WrongType(at, "a string", value);
    parsed.insert_or_assign(std::string(decode::TextOf(name)), std::string(decode::TextOf(value)));
  }
  return parsed;
}

FieldResult<store::Namespace> MakeNamespace(const std::string& name, const Value& labels,
                                            const FieldPath& path) {
  SLUICE_ASSIGN_OR_RETURN(const Value* object, AsObject(labels, path));
  SLUICE_ASSIGN_OR_RETURN(store::Labels parsed, ParseLabels(*object, path));
  parsed.emplace(kNameLabel, name);
  return store::Namespace{name, std::move(parsed)};
}

FieldResult<std::map<std::string, store::Namespace>> ParseNamespaces(const Value& namespaces,
                                                                     const FieldPath& path) {
  std::map<std::string, store::Namespace> parsed;
  for (const auto& [key, labels] : namespaces.GetObject()) {
    const std::string name(decode::TextOf(key));
    const FieldPath at = path.Key(decode::TextOf(key));
    SLUICE_ASSIGN_OR_RETURN(store::Namespace ns, MakeNamespace(name, labels, at));
    parsed.insert_or_assign(name, std::move(ns));
  }
  return parsed;
}

FieldResult<store::NetworkPolicy> ParsePolicy(const Value& policy, const FieldPath& path) {
  SLUICE_ASSIGN_OR_RETURN(const Value* object_json, AsObject(policy, path));
  // Where it stands says what it is: some sources leave that out.
  rapidjson::Document typed;
  typed.CopyFrom(*object_json, typed.GetAllocator());
  AddIfMissing(typed, "apiVersion", "networking.k8s.io/v1");
  AddIfMissing(typed, "kind", "NetworkPolicy");
  auto decoded = decode::DecodeObject(typed, decode::Validation::kStored);
  if (const auto* error = std::get_if<decode::DecodeError>(&decoded)) {
    return decode::ErrorAt(path, error->ToString());
  }
  auto& object = std::get<decode::DecodedObject>(decoded).object;
  if (!object || !std::holds_alternative<store::NetworkPolicy>(*object)) {
    return decode::ErrorAt(path, "is no NetworkPolicy");
  }
  return std::get<store::NetworkPolicy>(*std::move(object));
}

FieldResult<std::map<store::ObjectKey, store::NetworkPolicy>> ParsePolicies(const Value& policies,
                                                                            const FieldPath& path) {
  std::map<store::ObjectKey, store::NetworkPolicy> parsed;
  for (rapidjson::SizeType i = 0; i < policies.Size(); ++i) {
    SLUICE_ASSIGN_OR_RETURN(store::NetworkPolicy policy, ParsePolicy(policies[i], path.Index(i)));
    const store::ObjectKey key = policy.key;
    if (!parsed.emplace(key, std::move(policy)).second) {
      return decode::ErrorAt(path.Index(i), key.ToString() + " is there twice");
    }
  }
  return parsed;
}

FieldResult<store::Pod> ParsePod(const Value& json, const FieldPath& path) {
  SLUICE_ASSIGN_OR_RETURN(const Value* object, AsObject(json, path));
  SLUICE_RETURN_IF_ERROR(
      HasOnly(*object, path, {"namespace", "name", "ip", "host_network", "labels", "ports"}));
  store::Pod pod;
  pod.phase = store::PodPhase::kRunning;
  SLUICE_ASSIGN_OR_RETURN(pod.key.ns, RequiredString(*object, path, "namespace"));
  SLUICE_ASSIGN_OR_RETURN(pod.key.name, RequiredString(*object, path, "name"));
  SLUICE_ASSIGN_OR_RETURN(const auto host_network,
                          decode::BoolField(*object, path, "host_network"));
  if (host_network.value_or(false)) pod.host_network = store::HostNetwork::kYes;
  SLUICE_ASSIGN_OR_RETURN(const Value* labels, decode::ObjectField(*object, path, "labels"));
  if (labels != nullptr) {
    const FieldPath at = path.Child("labels");
    SLUICE_ASSIGN_OR_RETURN(pod.labels, ParseLabels(*labels, at));
  }
  SLUICE_ASSIGN_OR_RETURN(const Value* ports, decode::ListField(*object, path, "ports"));
  if (ports == nullptr) return pod;
  const FieldPath at = path.Child("ports");
  for (rapidjson::SizeType i = 0; i < ports->Size(); ++i) {
    SLUICE_ASSIGN_OR_RETURN(auto port, ParseContainerPort((*ports)[i], at.Index(i)));
    if (port) pod.ports.push_back(*std::move(port));
  }
  std::sort(pod.ports.begin(), pod.ports.end());
  return pod;
}

std::optional<store::Protocol> ParseProtocol(std::string_view text) {
  for (const store::Protocol protocol :
       {store::Protocol::kTcp, store::Protocol::kUdp, store::Protocol::kSctp}) {
    if (text == store::ToString(protocol)) return protocol;
  }
  return std::nullopt;
}

std::optional<uint16_t> ParsePort(std::string_view text) {
  uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, port);
  if (parsed.ec != std::errc() || parsed.ptr != end || port == 0) return std::nullopt;
  return port;
}

}  // namespace sluice::conformance
