#pragma once

#include "agent/decode/field_reader.h"
#include "agent/decode/object_decoder.h"

namespace sluice::decode {

// A LabelSelector, normalised. `json` must be an object.
//
// kStored takes values that are no legal label value, which old objects hold: no label has them, so
// In and NotIn leave them out (netpol rule 58). Anything else that is wrong is an error in both.
FieldResult<store::LabelSelector> DecodeLabelSelector(const rapidjson::Value& json,
                                                      const FieldPath& path, Validation validation);

// Who an old policy isolates: as above, but a requirement that makes no sense is left out, so that
// the policy closes too many pods and never too few.
store::LabelSelector DecodeStoredSubjects(const rapidjson::Value& json);

}  // namespace sluice::decode
