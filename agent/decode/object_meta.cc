#include "agent/decode/object_meta.h"

#include "agent/decode/names.h"
#include "ofctl/base/result.h"

namespace sluice::decode {
namespace {

FieldResult<store::Labels> DecodeLabels(const rapidjson::Value& metadata, const FieldPath& path,
                                        Validation validation) {
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Value* json, ObjectField(metadata, path, "labels"));
  store::Labels labels;
  if (json == nullptr) return labels;
  const FieldPath labels_path = path.Child("labels");
  for (const auto& [json_key, json_value] : json->GetObject()) {
    const std::string_view key = TextOf(json_key);
    const FieldPath entry = labels_path.Key(key);
    // The apiserver reads a null as "".
    if (!json_value.IsNull() && !json_value.IsString()) {
      return WrongType(entry, "a string", json_value);
    }
    const std::string_view value = json_value.IsNull() ? "" : TextOf(json_value);
    if (validation == Validation::kCreate) {
      if (auto wrong = WrongWithLabelKey(key)) return ErrorAt(entry, *wrong);
      if (auto wrong = WrongWithLabelValue(value)) return ErrorAt(entry, *wrong);
    }
    labels.emplace(key, value);
  }
  return labels;
}

FieldResult<std::string> DecodeName(const rapidjson::Value& metadata, const FieldPath& path,
                                    Scope scope, Validation validation) {
  SLUICE_ASSIGN_OR_RETURN(const auto name, StringField(metadata, path, "name"));
  if (name.value_or("").empty()) {
    return ErrorAt(path.Child("name"), FindField(metadata, "generateName") == nullptr
                                           ? "is missing"
                                           : "is missing (generateName names nothing here)");
  }
  if (validation == Validation::kCreate) {
    const auto wrong =
        scope == Scope::kCluster ? WrongWithDnsLabel(*name) : WrongWithDnsSubdomain(*name);
    if (wrong) return ErrorAt(path.Child("name"), *wrong);
  }
  return std::string(*name);
}

FieldResult<std::string> DecodeNamespace(const rapidjson::Value& metadata, const FieldPath& path,
                                         Validation validation) {
  SLUICE_ASSIGN_OR_RETURN(const auto ns, StringField(metadata, path, "namespace"));
  if (ns.value_or("").empty()) return std::string("default");
  if (validation == Validation::kCreate) {
    if (auto wrong = WrongWithDnsLabel(*ns)) return ErrorAt(path.Child("namespace"), *wrong);
  }
  return std::string(*ns);
}

// The kubelet runs no object that carries the annotation, so that no pod of another kind can be
// taken for a static one by it.
FieldResult<std::string> DecodeUid(const rapidjson::Value& metadata, const FieldPath& path) {
  SLUICE_ASSIGN_OR_RETURN(const auto* annotations, ObjectField(metadata, path, "annotations"));
  if (annotations != nullptr) {
    SLUICE_ASSIGN_OR_RETURN(
        const auto mirror, StringField(*annotations, path.Child("annotations"), kMirrorAnnotation));
    if (mirror) return std::string(*mirror);
  }
  SLUICE_ASSIGN_OR_RETURN(const auto uid, StringField(metadata, path, "uid"));
  return std::string(uid.value_or(""));
}

}  // namespace

FieldResult<ObjectMeta> DecodeObjectMeta(const rapidjson::Value& json, Scope scope,
                                         Validation validation) {
  const FieldPath root;
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Value* metadata, ObjectField(json, root, "metadata"));
  const FieldPath path = root.Child("metadata");
  if (metadata == nullptr) return ErrorAt(path, "is missing");
  ObjectMeta meta;
  SLUICE_ASSIGN_OR_RETURN(meta.key.name, DecodeName(*metadata, path, scope, validation));
  if (scope == Scope::kNamespaced) {
    SLUICE_ASSIGN_OR_RETURN(meta.key.ns, DecodeNamespace(*metadata, path, validation));
  }
  SLUICE_ASSIGN_OR_RETURN(meta.uid, DecodeUid(*metadata, path));
  SLUICE_ASSIGN_OR_RETURN(meta.labels, DecodeLabels(*metadata, path, validation));
  return meta;
}

}  // namespace sluice::decode
