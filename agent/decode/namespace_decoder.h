#pragma once

#include "agent/decode/field_reader.h"
#include "agent/decode/object_decoder.h"

namespace sluice::decode {

// Adds the label kubernetes.io/metadata.name, over any other value of it, as the apiserver does.
FieldResult<store::Namespace> DecodeNamespaceObject(const rapidjson::Value& json,
                                                    Validation validation);

}  // namespace sluice::decode
