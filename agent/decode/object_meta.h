// ObjectMeta: the part of metadata that all kinds share.
#pragma once

#include "agent/decode/field_reader.h"
#include "agent/decode/object_decoder.h"
#include "agent/store/objects.h"

namespace sluice::decode {

enum class Scope : uint8_t { kCluster, kNamespaced };

struct ObjectMeta {
  store::ObjectKey key;  // namespace "default" if a namespaced object names none
  std::string uid;
  store::Labels labels;
};

// `json` is the whole object. Names and labels are checked in kCreate only.
FieldResult<ObjectMeta> DecodeObjectMeta(const rapidjson::Value& json, Scope scope,
                                         Validation validation);

}  // namespace sluice::decode
