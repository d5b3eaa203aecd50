#include "agent/decode/identity.h"

#include <array>

#include "agent/decode/field_reader.h"

namespace sluice::decode {
namespace {

std::string_view TextField(const rapidjson::Value& object, std::string_view name) {
  const rapidjson::Value* field = FindField(object, name);
  return field != nullptr && field->IsString() ? TextOf(*field) : std::string_view();
}

// Groups without a dot are Kubernetes' own: core, apps, extensions.
bool IsBuiltInGroup(std::string_view api_version) {
  const std::string_view group = api_version.substr(0, api_version.find('/'));
  return group.find('.') == std::string_view::npos || group == "networking.k8s.io";
}

}  // namespace

std::optional<store::ObjectKind> KindFor(std::string_view api_version, std::string_view kind) {
  using store::ObjectKind;
  if (!IsBuiltInGroup(api_version)) return std::nullopt;
  for (const ObjectKind used : std::array{ObjectKind::kNamespace, ObjectKind::kPod,
                                          ObjectKind::kNetworkPolicy, ObjectKind::kNode}) {
    if (store::ToString(used) == kind) return used;
  }
  return std::nullopt;
}

std::string_view ServedApiVersion(store::ObjectKind kind) {
  return kind == store::ObjectKind::kNetworkPolicy ? "networking.k8s.io/v1" : "v1";
}

std::optional<Identity> IdentityOf(const rapidjson::Value& json) {
  if (!json.IsObject()) return std::nullopt;
  const auto kind = KindFor(TextField(json, "apiVersion"), TextField(json, "kind"));
  const rapidjson::Value* metadata = FindField(json, "metadata");
  if (!kind || metadata == nullptr || !metadata->IsObject()) return std::nullopt;
  Identity identity{*kind, {"", std::string(TextField(*metadata, "name"))}};
  if (identity.key.name.empty()) return std::nullopt;
  if (*kind != store::ObjectKind::kNamespace && *kind != store::ObjectKind::kNode) {
    const std::string_view ns = TextField(*metadata, "namespace");
    identity.key.ns = ns.empty() ? "default" : ns;
  }
  return identity;
}

}  // namespace sluice::decode
