#pragma once

#include "agent/decode/field_reader.h"
#include "agent/decode/object_decoder.h"

namespace sluice::decode {

// A status is optional: a manifest has none, and its pod is then kPending without addresses.
FieldResult<store::Pod> DecodePod(const rapidjson::Value& json, Validation validation);

}  // namespace sluice::decode
