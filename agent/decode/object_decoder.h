// ObjectDecoder: one Kubernetes object, as JSON, into agent/store's form. Pure: shared by the
// manifest source and the watch of the apiserver.
#pragma once

#include <rapidjson/document.h>

#include <optional>
#include <string>

#include "agent/store/objects.h"
#include "ofctl/base/result.h"

namespace sluice::decode {

// Where the object comes from decides what is an error.
enum class Validation : uint8_t {
  kCreate,  // a manifest: what today's apiserver rejects on create is rejected
  kStored,  // an object the apiserver holds: old objects may break today's rules (netpol rule 58)
};

struct DecodeError {
  std::string object;   // "NetworkPolicy default/web", as far as it is known
  std::string field;    // "spec.ingress[0].ports[1].port", empty if about the whole object
  std::string message;  // "70000 is not in 1..65535"

  // "<object>: <field>: <message>"
  std::string ToString() const;
};

struct DecodedObject {
  std::string api_version;
  std::string kind;
  // Absent: a kind Sluice has no use for (a Service, a Deployment); not an error.
  std::optional<store::Object> object;
};

using DecodeResult = std::variant<DecodedObject, DecodeError>;

DecodeResult DecodeObject(const rapidjson::Value& json, Validation validation);

}  // namespace sluice::decode
