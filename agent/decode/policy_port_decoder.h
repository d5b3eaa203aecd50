#pragma once

#include "agent/decode/field_reader.h"
#include "agent/decode/object_decoder.h"

namespace sluice::decode {

// 1..65535.
FieldResult<uint16_t> PortNumber(int64_t number, const FieldPath& path);

// The field `protocol` of the object at `path`; TCP if missing (netpol rule 12).
FieldResult<store::Protocol> DecodeProtocol(const rapidjson::Value& object, const FieldPath& path);

// One entry of a rule's `ports`. The rules are the same for old objects and new ones.
FieldResult<store::PolicyPort> DecodePolicyPort(const rapidjson::Value& json,
                                                const FieldPath& path);

}  // namespace sluice::decode
