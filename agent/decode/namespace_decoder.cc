#include "agent/decode/namespace_decoder.h"

#include "agent/decode/object_meta.h"
#include "ofctl/base/result.h"

namespace sluice::decode {

FieldResult<store::Namespace> DecodeNamespaceObject(const rapidjson::Value& json,
                                                    Validation validation) {
  SLUICE_ASSIGN_OR_RETURN(ObjectMeta meta, DecodeObjectMeta(json, Scope::kCluster, validation));
  meta.labels.insert_or_assign("kubernetes.io/metadata.name", meta.key.name);
  return store::Namespace{std::move(meta.key.name), std::move(meta.labels)};
}

}  // namespace sluice::decode
