#include "agent/manifests/manifest_parser.h"

#include <utility>

#include "agent/decode/field_reader.h"
#include "agent/decode/object_decoder.h"
#include "agent/manifests/yaml_to_json.h"

namespace sluice::manifests {
namespace {

std::string_view TextField(const rapidjson::Value& object, std::string_view name) {
  const rapidjson::Value* field = decode::FindField(object, name);
  return field != nullptr && field->IsString() ? decode::TextOf(*field) : std::string_view();
}

// What the items of a list are that do not say it themselves.
struct ListType {
  std::string_view api_version;  // empty: each item says it
  std::string_view kind;
};

std::optional<ListType> ListTypeOf(const rapidjson::Value& json) {
  const std::string_view api_version = TextField(json, "apiVersion");
  const std::string_view kind = TextField(json, "kind");
  if (api_version == "v1" && kind == "List") return ListType{};
  constexpr std::string_view kSuffix = "List";
  if (kind.size() <= kSuffix.size() || kind.substr(kind.size() - kSuffix.size()) != kSuffix) {
    return std::nullopt;
  }
  const std::string_view item = kind.substr(0, kind.size() - kSuffix.size());
  const auto known = decode::KindFor(api_version, item);
  if (!known || decode::ServedApiVersion(*known) != api_version) return std::nullopt;
  return ListType{decode::ServedApiVersion(*known), store::ToString(*known)};
}

class DocumentReader {
 public:
  DocumentReader(const YamlNode& root, std::vector<ManifestEntry>& entries)
      : root_(root), document_(ToJson(root)), entries_(entries) {}

  void Read() {
    if (document_.problem) {
      Refuse(document_.problem->line, decode::IdentityOf(document_.json), document_.problem->text);
    } else if (!document_.json.IsNull()) {
      ReadObject(document_.json, "");
    }
  }

 private:
  void Refuse(int line, std::optional<decode::Identity> identity, std::string_view problem) {
    const std::string name =
        identity ? std::string(store::ToString(identity->kind)) + " " + identity->key.ToString()
                 : "document";
    entries_.push_back(
        {line, RefusedDocument{std::move(identity), name + ": " + std::string(problem)}});
  }

  // `field` is where the object stands in the document: "" or "items[3]".
  void ReadObject(rapidjson::Value& json, const std::string& field) {
    const auto list = json.IsObject() ? ListTypeOf(json) : std::nullopt;
    if (list) {
      ReadList(json, *list, field);
      return;
    }
    auto result = decode::DecodeObject(json, decode::Validation::kCreate);
    if (const auto* error = std::get_if<decode::DecodeError>(&result)) {
      const std::string where = field + (field.empty() || error->field.empty() ? "" : ".");
      entries_.push_back({LineOfField(root_, where + error->field),
                          RefusedDocument{decode::IdentityOf(json), error->ToString()}});
      return;
    }
    auto& decoded = std::get<decode::DecodedObject>(result);
    const int line = LineOfField(root_, field);
    if (decoded.object) {
      entries_.push_back({line, std::move(*decoded.object)});
    } else {
      entries_.push_back({line, UnknownKind{decoded.api_version, decoded.kind}});
    }
  }

  void ReadList(rapidjson::Value& json, const ListType& type, const std::string& field) {
    const std::string items_field = field + (field.empty() ? "items" : ".items");
    if (decode::FindField(json, "items") == nullptr) return;
    rapidjson::Value& items = json["items"];
    if (!items.IsArray()) {
      Refuse(LineOfField(root_, items_field), std::nullopt, "items: a list was expected");
      return;
    }
    for (rapidjson::SizeType i = 0; i < items.Size(); ++i) {
      rapidjson::Value& item = items[i];
      if (item.IsObject() && !type.kind.empty()) {
        SetIfMissing(item, "apiVersion", type.api_version);
        SetIfMissing(item, "kind", type.kind);
      }
      ReadObject(item, items_field + "[" + std::to_string(i) + "]");
    }
  }

  void SetIfMissing(rapidjson::Value& object, std::string_view name, std::string_view value) {
    if (object.HasMember(std::string(name).c_str())) return;
    auto& allocator = document_.json.GetAllocator();
    const auto copy = [&](std::string_view text) {
      return rapidjson::Value(text.data(), static_cast<rapidjson::SizeType>(text.size()),
                              allocator);
    };
    object.AddMember(copy(name), copy(value), allocator);
  }

  const YamlNode& root_;
  JsonDocument document_;
  std::vector<ManifestEntry>& entries_;
};

}  // namespace

std::variant<std::vector<ManifestEntry>, YamlSyntaxError> ParseManifest(std::string_view text) {
  auto parsed = ParseYaml(text);
  if (auto* error = std::get_if<YamlSyntaxError>(&parsed)) return std::move(*error);
  std::vector<ManifestEntry> entries;
  for (const YamlNodePtr& root : std::get<0>(parsed)) DocumentReader(*root, entries).Read();
  return entries;
}

}  // namespace sluice::manifests
