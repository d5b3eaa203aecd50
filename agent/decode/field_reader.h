// Typed access to the fields of a JSON object. A null is as if missing; a wrong type is an error
// that names the field, what was expected and what is there.
#pragma once

#include <rapidjson/document.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "agent/decode/field_path.h"

namespace sluice::decode {

struct FieldError {
  std::string field;
  std::string message;
};

// Works with SLUICE_ASSIGN_OR_RETURN.
template <typename T>
class [[nodiscard]] FieldResult {
 public:
  FieldResult(T value) : state_(std::move(value)) {}  // NOLINT(google-explicit-constructor)
  FieldResult(FieldError error)
      : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return state_.index() == 0; }
  const FieldError& error() const { return std::get<1>(state_); }
  T& value() & { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &value(); }

 private:
  std::variant<T, FieldError> state_;
};

inline FieldError ErrorAt(const FieldPath& path, std::string message) {
  return {path.ToString(), std::move(message)};
}

std::string Quoted(std::string_view text);
// "a string was expected, the number 80 found; quote it". `expected` with its article.
FieldError WrongType(const FieldPath& path, std::string_view expected,
                     const rapidjson::Value& found);

inline std::string_view TextOf(const rapidjson::Value& string) {
  return {string.GetString(), string.GetStringLength()};
}

// Null if the field is missing or null. `object` must be an object.
const rapidjson::Value* FindField(const rapidjson::Value& object, std::string_view name);

// The error for a field of the object that is none of `known`, if there is one. A misspelt `from`
// is no `from`, and would mean any peer; kubectl's strict validation refuses it as well.
std::optional<FieldError> UnknownField(const rapidjson::Value& object, const FieldPath& path,
                                       std::initializer_list<std::string_view> known);

// The field `name` of the object at `path`; a null pointer if missing.
FieldResult<const rapidjson::Value*> ObjectField(const rapidjson::Value& object,
                                                 const FieldPath& path, std::string_view name);
// A list none of whose items is null: what the author meant by an empty item is a guess, and in a
// policy the wrong guess opens everything.
FieldResult<const rapidjson::Value*> ListField(const rapidjson::Value& object,
                                               const FieldPath& path, std::string_view name);
FieldResult<std::optional<std::string_view>> StringField(const rapidjson::Value& object,
                                                         const FieldPath& path,
                                                         std::string_view name);
FieldResult<std::optional<bool>> BoolField(const rapidjson::Value& object, const FieldPath& path,
                                           std::string_view name);
FieldResult<std::optional<int64_t>> IntField(const rapidjson::Value& object, const FieldPath& path,
                                             std::string_view name);

}  // namespace sluice::decode
