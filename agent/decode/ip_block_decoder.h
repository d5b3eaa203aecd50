#pragma once

#include "agent/decode/field_reader.h"
#include "agent/decode/object_decoder.h"

namespace sluice::decode {

// An ipBlock: every except is strictly inside the cidr, sorted, unique. kStored leaves out excepts
// that cut nothing off; an error there means that the block matches nothing.
FieldResult<store::IpBlock> DecodeIpBlock(const rapidjson::Value& json, const FieldPath& path,
                                          Validation validation);

}  // namespace sluice::decode
