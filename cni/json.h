// Reading JSON that may hold anything: every access checks the type, the first error sticks.
#pragma once

#include <rapidjson/document.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ofctl/base/result.h"

namespace sluice::cni {

// Parses without recursion, so that nesting cannot exhaust the stack, and refuses text that is not
// UTF-8 or not an object. Invalid, with the place of the error.
Result<rapidjson::Document> ParseJsonObject(std::string_view text);

// Reads the members of one object. An absent member and null give an empty value; a wrong type
// is an error that names the member.
class ObjectReader {
 public:
  // `object` is an object and outlives the reader; `where` starts the names in error messages
  // ("prevResult.ips[0]."), and is empty at the top.
  ObjectReader(const rapidjson::Value& object, std::string where)
      : object_(object), where_(std::move(where)) {}

  std::string String(const char* key);
  std::optional<uint32_t> Unsigned(const char* key);
  std::vector<std::string> Strings(const char* key);
  const rapidjson::Value* Object(const char* key);
  // The member's elements, each of them an object.
  std::vector<const rapidjson::Value*> Objects(const char* key);

  // There, and not null.
  bool Has(const char* key) const { return Find(key) != nullptr; }

  // "<where><key>"
  std::string NameOf(const char* key) const { return where_ + key; }
  // Keeps the first failure, under the member's name.
  void Fail(const char* key, std::string_view why);
  const Status& status() const { return status_; }

 private:
  const rapidjson::Value* Find(const char* key) const;

  const rapidjson::Value& object_;
  std::string where_;
  Status status_;
};

}  // namespace sluice::cni
