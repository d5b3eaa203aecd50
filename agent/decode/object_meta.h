// ObjectMeta: the part of metadata that all kinds share.
#pragma once

#include <string>
#include <string_view>

#include "agent/decode/field_reader.h"
#include "agent/decode/object_decoder.h"
#include "agent/store/objects.h"

namespace sluice::decode {

enum class Scope : uint8_t { kCluster, kNamespaced };

// On the object that stands for a static pod in the API (a mirror pod): the uid that the kubelet
// itself knows the pod by, and names to CNI. The API server gives the object another one.
inline constexpr std::string_view kMirrorAnnotation = "kubernetes.io/config.mirror";

struct ObjectMeta {
  store::ObjectKey key;  // namespace "default" if a namespaced object names none
  std::string uid;       // of a mirror pod: the kubelet's
  store::Labels labels;
};

// `json` is the whole object. Names and labels are checked in kCreate only.
FieldResult<ObjectMeta> DecodeObjectMeta(const rapidjson::Value& json, Scope scope,
                                         Validation validation);

}  // namespace sluice::decode
