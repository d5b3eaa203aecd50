#include "agent/kube/api_object.h"

#include <array>
#include <utility>

#include "agent/decode/field_reader.h"
#include "agent/decode/identity.h"
#include "agent/decode/object_meta.h"
#include "agent/kube/projection.h"

namespace sluice::kube {
namespace {

using decode::FindField;
using decode::TextOf;

constexpr std::string_view kInitialEventsEnd = "k8s.io/initial-events-end";

std::vector<Projection> MetadataFields() {
  return {
      {"name", {}},   {"namespace", {}},       {"uid", {}},
      {"labels", {}}, {"resourceVersion", {}}, {"annotations", {{decode::kMirrorAnnotation, {}}}}};
}

// The fields that agent/decode reads of the resource; tests compare with whole objects.
std::vector<Projection> FieldsOf(Resource resource) {
  std::vector<Projection> fields = {
      {"apiVersion", {}}, {"kind", {}}, {"metadata", MetadataFields()}};
  if (resource == Resource::kPods) {
    const std::vector<Projection> container = {{"ports", {}}, {"restartPolicy", {}}};
    fields.push_back({"spec",
                      {{"nodeName", {}},
                       {"hostNetwork", {}},
                       {"containers", container},
                       {"initContainers", container}}});
    fields.push_back({"status", {{"phase", {}}, {"podIP", {}}, {"podIPs", {}}}});
  } else if (resource == Resource::kNetworkPolicies) {
    fields.push_back({"spec", {}});
  } else if (resource == Resource::kNodes) {
    fields.push_back({"spec", {{"podCIDR", {}}, {"podCIDRs", {}}}});
    fields.push_back({"status", {{"addresses", {}}}});
  }
  return fields;
}

// An event's object may be a Status or a bookmark too.
Projection EventProjection(Resource resource) {
  Projection object{"object", FieldsOf(resource)};
  for (Projection& field : object.fields) {
    if (field.name == "metadata") {
      field.fields.back().fields.push_back({kInitialEventsEnd, {}});  // of the annotations
    }
  }
  object.fields.push_back({"code", {}});
  object.fields.push_back({"reason", {}});
  object.fields.push_back({"message", {}});
  object.fields.push_back({"details", {{"causes", {}}}});
  return {"", {{"type", {}}, std::move(object)}};
}

const Projection& ItemProjection(Resource resource) {
  static const std::array<Projection, kResources.size()> projections = {
      Projection{"", FieldsOf(Resource::kNamespaces)}, Projection{"", FieldsOf(Resource::kPods)},
      Projection{"", FieldsOf(Resource::kNetworkPolicies)},
      Projection{"", FieldsOf(Resource::kNodes)}};
  return projections[static_cast<size_t>(resource)];
}

const Projection& WatchProjection(Resource resource) {
  static const std::array<Projection, kResources.size()> projections = {
      EventProjection(Resource::kNamespaces), EventProjection(Resource::kPods),
      EventProjection(Resource::kNetworkPolicies), EventProjection(Resource::kNodes)};
  return projections[static_cast<size_t>(resource)];
}

std::string_view TextField(const rapidjson::Value& object, std::string_view name) {
  if (!object.IsObject()) return {};
  const rapidjson::Value* field = FindField(object, name);
  return field != nullptr && field->IsString() ? TextOf(*field) : std::string_view();
}

std::optional<store::ObjectKey> KeyOf(Resource resource, const ObjectNames& names) {
  if (names.name.empty()) return std::nullopt;
  const bool cluster_wide = resource == Resource::kNamespaces || resource == Resource::kNodes;
  if (cluster_wide) return store::ObjectKey{"", names.name};
  return store::ObjectKey{names.ns.empty() ? "default" : names.ns, names.name};
}

// "Pod default/web".
std::string TitleOf(Resource resource, const ApiObject& object) {
  const std::string kind(store::ToString(KindOf(resource)));
  return object.key ? kind + " " + object.key->ToString() : kind;
}

// What a list leaves out because all its items are alike.
void NameTheKind(Resource resource, rapidjson::Value& json,
                 rapidjson::Document::AllocatorType& allocator) {
  const auto set = [&](const char* name, std::string_view value) {
    rapidjson::Value text(value.data(), static_cast<rapidjson::SizeType>(value.size()), allocator);
    if (json.HasMember(name)) {
      json[name] = text;
    } else {
      json.AddMember(rapidjson::StringRef(name), text, allocator);
    }
  };
  set("apiVersion", decode::ServedApiVersion(KindOf(resource)));
  set("kind", store::ToString(KindOf(resource)));
}

// What can be said of an object that could not be understood. A policy closes its whole namespace
// then: nobody knows any more whom it would have protected.
ApiObject Refuse(Resource resource, ApiObject object, const decode::DecodeError& error) {
  if (resource != Resource::kNetworkPolicies || !object.key) {
    object.content = error;
    return object;
  }
  object.warning = error.ToString() + "; until it is mended, it closes every pod of its namespace";
  store::NetworkPolicy closed;
  closed.key = *object.key;
  object.in_force = InForce::kClosedInstead;
  closed.ingress.emplace();
  closed.egress.emplace();
  object.content = store::Object(std::move(closed));
  return object;
}

// The object whose text was read into `projected` and stands at `json` in it.
ApiObject DecodeProjected(Resource resource, ProjectedObject& projected, rapidjson::Value& json) {
  ApiObject object{KeyOf(resource, projected.names), projected.names.resource_version, {}, {}};
  object.uid = projected.names.uid;
  if (!json.IsObject()) {
    const decode::DecodeError error{TitleOf(resource, object), "", "is no object"};
    return Refuse(resource, std::move(object), error);
  }
  NameTheKind(resource, json, projected.json.GetAllocator());
  auto decoded = decode::DecodeObject(json, decode::Validation::kStored);
  if (auto* error = std::get_if<decode::DecodeError>(&decoded)) {
    return Refuse(resource, std::move(object), *error);
  }
  object.content = *std::get<decode::DecodedObject>(decoded).object;
  object.key = store::KeyOf(std::get<store::Object>(object.content));
  if (resource == Resource::kNetworkPolicies) {
    const auto today = decode::DecodeObject(json, decode::Validation::kCreate);
    if (const auto* error = std::get_if<decode::DecodeError>(&today)) {
      object.warning = error->ToString();
    }
  }
  return object;
}

std::string WhyUnreadable(const ProjectedObject& projected, ObjectText text) {
  if (text.length == Length::kWhole) return projected.error;
  return "is longer than " + std::to_string(text.text.size()) + " bytes";
}

// The names are known as far as the text could be read.
ApiObject Unreadable(Resource resource, const ProjectedObject& projected, ObjectText text) {
  ApiObject object{KeyOf(resource, projected.names), projected.names.resource_version, {}, {}};
  object.uid = projected.names.uid;
  const decode::DecodeError error{TitleOf(resource, object), "", WhyUnreadable(projected, text)};
  return Refuse(resource, std::move(object), error);
}

bool HasCause(const rapidjson::Value& status, std::string_view reason) {
  const rapidjson::Value* details = FindField(status, "details");
  if (details == nullptr || !details->IsObject()) return false;
  const rapidjson::Value* causes = FindField(*details, "causes");
  if (causes == nullptr || !causes->IsArray()) return false;
  for (const rapidjson::Value& cause : causes->GetArray()) {
    if (TextField(cause, "reason") == reason) return true;
  }
  return false;
}

ApiStatus StatusFrom(const rapidjson::Value& json, int code_otherwise) {
  ApiStatus status{code_otherwise, std::string(TextField(json, "reason")),
                   std::string(TextField(json, "message")), false};
  const rapidjson::Value* code = FindField(json, "code");
  if (code != nullptr && code->IsInt()) status.code = code->GetInt();
  status.version_too_large = HasCause(json, "ResourceVersionTooLarge");
  return status;
}

Bookmark BookmarkFrom(const ProjectedObject& projected, const rapidjson::Value& object) {
  Bookmark bookmark{projected.names.resource_version, false};
  const rapidjson::Value* metadata = FindField(object, "metadata");
  if (metadata == nullptr || !metadata->IsObject()) return bookmark;
  const rapidjson::Value* annotations = FindField(*metadata, "annotations");
  bookmark.initial_events_end =
      annotations != nullptr && TextField(*annotations, kInitialEventsEnd) == "true";
  return bookmark;
}

bool IsChange(std::string_view type) {
  return type == "ADDED" || type == "MODIFIED" || type == "DELETED";
}

ObjectChange::Type ChangeTypeOf(std::string_view type) {
  return type == "DELETED" ? ObjectChange::Type::kDeleted : ObjectChange::Type::kPut;
}

}  // namespace

std::string ApiStatus::ToString() const {
  return std::to_string(code) + (reason.empty() ? "" : " " + reason) +
         (message.empty() ? "" : ": " + message);
}

ApiObject DecodeItem(Resource resource, ObjectText item) {
  ProjectedObject projected = Project(item.text, {&ItemProjection(resource), 0});
  if (!projected.error.empty() || item.length == Length::kCutOff) {
    return Unreadable(resource, projected, item);
  }
  return DecodeProjected(resource, projected, projected.json);
}

Result<WatchEvent> DecodeWatchEvent(Resource resource, ObjectText event) {
  ProjectedObject projected = Project(event.text, {&WatchProjection(resource), 1});
  if (!projected.error.empty() || event.length == Length::kCutOff) {
    ApiObject object = Unreadable(resource, projected, event);
    const std::string& type = projected.names.event_type;
    if (!object.key || object.resource_version.empty() || !IsChange(type)) {
      return Invalid("a watch event " + WhyUnreadable(projected, event));
    }
    return WatchEvent(ObjectChange{ChangeTypeOf(type), std::move(object)});
  }
  const std::string type(TextField(projected.json, "type"));
  if (!projected.json.IsObject() || !projected.json.HasMember("object") ||
      !projected.json["object"].IsObject()) {
    return Invalid("a watch event \"" + type + "\" without an object");
  }
  rapidjson::Value& object = projected.json["object"];
  if (IsChange(type)) {
    return WatchEvent(
        ObjectChange{ChangeTypeOf(type), DecodeProjected(resource, projected, object)});
  }
  if (type == "BOOKMARK") return WatchEvent(BookmarkFrom(projected, object));
  if (type == "ERROR") return WatchEvent(StatusFrom(object, 500));
  return Invalid("a watch event of the unknown type \"" + type + "\"");
}

ApiStatus DecodeStatus(int code, std::string_view body) {
  const Projection everything{"", {}};
  ProjectedObject projected = Project(body, {&everything, 0});
  if (projected.error.empty() && projected.json.IsObject() &&
      TextField(projected.json, "kind") == "Status") {
    ApiStatus status = StatusFrom(projected.json, code);
    status.code = code;
    return status;
  }
  constexpr size_t kShown = 200;
  return {code, "", std::string(body.substr(0, kShown)), false};
}

}  // namespace sluice::kube
