#include "agent/decode/field_reader.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>

#include "ofctl/base/result.h"

namespace sluice::decode {
namespace {

std::string Describe(const rapidjson::Value& value) {
  if (value.IsObject()) return "an object";
  if (value.IsArray()) return "a list";
  if (value.IsString()) return "the string " + Quoted(TextOf(value));
  if (value.IsBool()) return value.GetBool() ? "the boolean true" : "the boolean false";
  if (value.IsNull()) return "nothing";
  rapidjson::StringBuffer text;
  rapidjson::Writer<rapidjson::StringBuffer> writer(text);
  value.Accept(writer);
  return "the number " + std::string(text.GetString(), text.GetSize());
}

}  // namespace

std::string Quoted(std::string_view text) {
  constexpr size_t kLongest = 80;  // a complaint is one line
  std::string quoted = "\"";
  for (const char c : text.substr(0, kLongest)) {
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    quoted += control ? '?' : c;
  }
  return quoted + (text.size() > kLongest ? "...\"" : "\"");
}

FieldError WrongType(const FieldPath& path, std::string_view expected,
                     const rapidjson::Value& found) {
  std::string message = std::string(expected) + " was expected, " + Describe(found) + " found";
  const bool scalar = found.IsNumber() || found.IsBool();
  if (expected == "a string" && scalar) message += "; quote it";
  return ErrorAt(path, std::move(message));
}

const rapidjson::Value* FindField(const rapidjson::Value& object, std::string_view name) {
  const rapidjson::Value key(
      rapidjson::StringRef(name.data(), static_cast<rapidjson::SizeType>(name.size())));
  const auto member = object.FindMember(key);
  return member == object.MemberEnd() || member->value.IsNull() ? nullptr : &member->value;
}

std::optional<FieldError> UnknownField(const rapidjson::Value& object, const FieldPath& path,
                                       std::initializer_list<std::string_view> known) {
  for (const auto& member : object.GetObject()) {
    const std::string_view name = TextOf(member.name);
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    std::string names;
    for (const std::string_view each : known) {
      names += (names.empty() ? "" : ", ") + std::string(each);
    }
    return ErrorAt(path.Child(name), "unknown field; there are: " + names);
  }
  return std::nullopt;
}

FieldResult<const rapidjson::Value*> ObjectField(const rapidjson::Value& object,
                                                 const FieldPath& path, std::string_view name) {
  const rapidjson::Value* value = FindField(object, name);
  if (value != nullptr && !value->IsObject()) {
    return WrongType(path.Child(name), "an object", *value);
  }
  return value;
}

FieldResult<const rapidjson::Value*> ListField(const rapidjson::Value& object,
                                               const FieldPath& path, std::string_view name) {
  const rapidjson::Value* value = FindField(object, name);
  if (value == nullptr) return value;
  const FieldPath list = path.Child(name);
  if (!value->IsArray()) return WrongType(list, "a list", *value);
  for (rapidjson::SizeType i = 0; i < value->Size(); ++i) {
    if ((*value)[i].IsNull()) return ErrorAt(list.Index(i), "the list item is empty");
  }
  return value;
}

FieldResult<std::optional<std::string_view>> StringField(const rapidjson::Value& object,
                                                         const FieldPath& path,
                                                         std::string_view name) {
  const rapidjson::Value* value = FindField(object, name);
  if (value == nullptr) return std::optional<std::string_view>();
  if (!value->IsString()) return WrongType(path.Child(name), "a string", *value);
  return std::optional(TextOf(*value));
}

FieldResult<std::optional<bool>> BoolField(const rapidjson::Value& object, const FieldPath& path,
                                           std::string_view name) {
  const rapidjson::Value* value = FindField(object, name);
  if (value == nullptr) return std::optional<bool>();
  if (!value->IsBool()) return WrongType(path.Child(name), "true or false", *value);
  return std::optional(value->GetBool());
}

FieldResult<std::optional<int64_t>> IntField(const rapidjson::Value& object, const FieldPath& path,
                                             std::string_view name) {
  const rapidjson::Value* value = FindField(object, name);
  if (value == nullptr) return std::optional<int64_t>();
  if (!value->IsInt64()) return WrongType(path.Child(name), "a whole number", *value);
  return std::optional(value->GetInt64());
}

}  // namespace sluice::decode
