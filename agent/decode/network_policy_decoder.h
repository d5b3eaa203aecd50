#pragma once

#include "agent/decode/field_reader.h"
#include "agent/decode/object_decoder.h"

namespace sluice::decode {

// With the apiserver's defaults applied and everything normalised.
//
// kStored refuses a policy only if it has no name. What cannot be understood in it allows nothing:
// a peer or a port is left out; a rule that loses all its peers or all its ports is left out too,
// for without them it would mean "any" (netpol rules 58 and 61).
FieldResult<store::NetworkPolicy> DecodeNetworkPolicy(const rapidjson::Value& json,
                                                      Validation validation);

}  // namespace sluice::decode
