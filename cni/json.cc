#include "cni/json.h"

#include <rapidjson/error/en.h>

namespace sluice::cni {

Result<rapidjson::Document> ParseJsonObject(std::string_view text) {
  constexpr unsigned kFlags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  rapidjson::Document document;
  document.Parse<kFlags>(text.data(), text.size());
  if (document.HasParseError()) {
    return Invalid(
        "not JSON: " + std::string(rapidjson::GetParseError_En(document.GetParseError())) +
        " (at byte " + std::to_string(document.GetErrorOffset()) + ")");
  }
  if (!document.IsObject()) return Invalid("not a JSON object");
  return document;
}

const rapidjson::Value* ObjectReader::Find(const char* key) const {
  const auto member = object_.FindMember(key);
  return member == object_.MemberEnd() || member->value.IsNull() ? nullptr : &member->value;
}

void ObjectReader::Fail(const char* key, std::string_view why) {
  if (status_.ok()) status_ = Invalid(NameOf(key) + ": " + std::string(why));
}

std::string ObjectReader::String(const char* key) {
  const rapidjson::Value* value = Find(key);
  if (value == nullptr) return {};
  if (!value->IsString()) {
    Fail(key, "must be a string");
    return {};
  }
  return {value->GetString(), value->GetStringLength()};
}

std::optional<uint32_t> ObjectReader::Unsigned(const char* key) {
  const rapidjson::Value* value = Find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->IsUint()) {
    Fail(key, "must be a whole number from 0 to 4294967295");
    return std::nullopt;
  }
  return value->GetUint();
}

std::vector<std::string> ObjectReader::Strings(const char* key) {
  const rapidjson::Value* value = Find(key);
  if (value == nullptr) return {};
  std::vector<std::string> strings;
  bool good = value->IsArray();
  for (rapidjson::SizeType i = 0; good && i < value->Size(); ++i) {
    const rapidjson::Value& element = (*value)[i];
    good = element.IsString();
    if (good) strings.emplace_back(element.GetString(), element.GetStringLength());
  }
  if (!good) Fail(key, "must be a list of strings");
  return strings;
}

const rapidjson::Value* ObjectReader::Object(const char* key) {
  const rapidjson::Value* value = Find(key);
  if (value == nullptr || value->IsObject()) return value;
  Fail(key, "must be an object");
  return nullptr;
}

std::vector<const rapidjson::Value*> ObjectReader::Objects(const char* key) {
  const rapidjson::Value* value = Find(key);
  if (value == nullptr) return {};
  std::vector<const rapidjson::Value*> objects;
  bool good = value->IsArray();
  for (rapidjson::SizeType i = 0; good && i < value->Size(); ++i) {
    good = (*value)[i].IsObject();
    objects.push_back(&(*value)[i]);
  }
  if (good) return objects;
  Fail(key, "must be a list of objects");
  return {};
}

}  // namespace sluice::cni
