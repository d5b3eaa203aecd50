#pragma once

#include "agent/decode/field_reader.h"
#include "agent/store/objects.h"

namespace sluice::decode {

// From metadata.name, spec.podCIDRs (spec.podCIDR where only that is set) and status.addresses.
FieldResult<store::Node> DecodeNode(const rapidjson::Value& json);

}  // namespace sluice::decode
