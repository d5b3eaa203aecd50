#include "agent/decode/object_decoder.h"

#include "agent/decode/identity.h"
#include "agent/decode/namespace_decoder.h"
#include "agent/decode/network_policy_decoder.h"
#include "agent/decode/node_decoder.h"
#include "agent/decode/pod_decoder.h"
#include "ofctl/base/result.h"

namespace sluice::decode {
namespace {

template <typename T>
FieldResult<store::Object> AsObject(FieldResult<T> decoded) {
  if (!decoded.ok()) return decoded.error();
  return store::Object(std::move(decoded).value());
}

FieldResult<store::Object> DecodeKind(store::ObjectKind kind, const rapidjson::Value& json,
                                      Validation validation) {
  switch (kind) {
    case store::ObjectKind::kNamespace:
      return AsObject(DecodeNamespaceObject(json, validation));
    case store::ObjectKind::kPod:
      return AsObject(DecodePod(json, validation));
    case store::ObjectKind::kNetworkPolicy:
      return AsObject(DecodeNetworkPolicy(json, validation));
    case store::ObjectKind::kNode:
      return AsObject(DecodeNode(json));
  }
  return FieldError{"kind", "is not one this program knows"};
}

FieldResult<std::string> RequiredText(const rapidjson::Value& json, std::string_view name) {
  const FieldPath root;
  SLUICE_ASSIGN_OR_RETURN(const auto text, StringField(json, root, name));
  if (text.value_or("").empty()) return ErrorAt(root.Child(name), "is missing");
  return std::string(*text);
}

FieldResult<DecodedObject> Decode(const rapidjson::Value& json, Validation validation) {
  if (!json.IsObject()) return WrongType(FieldPath(), "a Kubernetes object", json);
  DecodedObject decoded;
  SLUICE_ASSIGN_OR_RETURN(decoded.api_version, RequiredText(json, "apiVersion"));
  SLUICE_ASSIGN_OR_RETURN(decoded.kind, RequiredText(json, "kind"));
  const auto kind = KindFor(decoded.api_version, decoded.kind);
  if (!kind) return decoded;
  if (decoded.api_version != ServedApiVersion(*kind)) {
    return FieldError{"apiVersion", Quoted(decoded.api_version) + " does not have " + decoded.kind +
                                        "; it is in " + std::string(ServedApiVersion(*kind))};
  }
  SLUICE_ASSIGN_OR_RETURN(decoded.object, DecodeKind(*kind, json, validation));
  return decoded;
}

// As much as the document says about itself: "NetworkPolicy default/web", "Pod", "document".
std::string NameOf(const rapidjson::Value& json) {
  if (const auto identity = IdentityOf(json)) {
    return std::string(store::ToString(identity->kind)) + " " + identity->key.ToString();
  }
  if (!json.IsObject()) return "document";
  const rapidjson::Value* kind = FindField(json, "kind");
  return kind != nullptr && kind->IsString() && kind->GetStringLength() > 0
             ? std::string(TextOf(*kind))
             : "document";
}

}  // namespace

std::string DecodeError::ToString() const {
  return object + ": " + (field.empty() ? "" : field + ": ") + message;
}

DecodeResult DecodeObject(const rapidjson::Value& json, Validation validation) {
  auto decoded = Decode(json, validation);
  if (decoded.ok()) return std::move(decoded).value();
  return DecodeError{NameOf(json), decoded.error().field, decoded.error().message};
}

}  // namespace sluice::decode
