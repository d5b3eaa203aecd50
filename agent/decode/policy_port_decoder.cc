#include "agent/decode/policy_port_decoder.h"

#include <array>

#include "agent/decode/names.h"
#include "ofctl/base/result.h"

namespace sluice::decode {
namespace {

using PortValue = decltype(store::PolicyPort::port);

// Sets `decoded` to an IntOrString: a number, or the name of a container port.
std::optional<FieldError> DecodePortValue(const rapidjson::Value& json, const FieldPath& path,
                                          PortValue& decoded) {
  const rapidjson::Value* value = FindField(json, "port");
  if (value == nullptr) return std::nullopt;
  const FieldPath port_path = path.Child("port");
  if (value->IsString()) {
    const std::string_view name = TextOf(*value);
    if (auto wrong = WrongWithPortName(name)) return ErrorAt(port_path, *wrong);
    decoded.emplace<std::string>(name);
    return std::nullopt;
  }
  if (!value->IsInt64()) return WrongType(port_path, "a port number or name", *value);
  SLUICE_ASSIGN_OR_RETURN(decoded, PortNumber(value->GetInt64(), port_path));
  return std::nullopt;
}

FieldResult<uint16_t> DecodeEnd(int64_t end, const PortValue& port, const FieldPath& path) {
  if (std::holds_alternative<std::monostate>(port)) return ErrorAt(path, "needs a port beside it");
  if (std::holds_alternative<std::string>(port)) {
    return ErrorAt(path,
                   "cannot stand beside the named port " + Quoted(std::get<std::string>(port)));
  }
  const uint16_t first = std::get<uint16_t>(port);
  SLUICE_ASSIGN_OR_RETURN(const uint16_t last, PortNumber(end, path));
  if (last < first) {
    return ErrorAt(path, std::to_string(last) + " is below port " + std::to_string(first));
  }
  return last;
}

}  // namespace

FieldResult<uint16_t> PortNumber(int64_t number, const FieldPath& path) {
  if (number < 1 || number > 65535) {
    return ErrorAt(path, std::to_string(number) + " is not in 1..65535");
  }
  return static_cast<uint16_t>(number);
}

FieldResult<store::Protocol> DecodeProtocol(const rapidjson::Value& object, const FieldPath& path) {
  using store::Protocol;
  SLUICE_ASSIGN_OR_RETURN(const auto text, StringField(object, path, "protocol"));
  if (!text) return Protocol::kTcp;
  for (const Protocol protocol : std::array{Protocol::kTcp, Protocol::kUdp, Protocol::kSctp}) {
    if (*text == store::ToString(protocol)) return protocol;
  }
  return ErrorAt(path.Child("protocol"), Quoted(*text) + " is not one of TCP, UDP, SCTP");
}

FieldResult<store::PolicyPort> DecodePolicyPort(const rapidjson::Value& json,
                                                const FieldPath& path) {
  if (!json.IsObject()) return WrongType(path, "an object", json);
  store::PolicyPort port;
  SLUICE_ASSIGN_OR_RETURN(port.protocol, DecodeProtocol(json, path));
  if (auto error = DecodePortValue(json, path, port.port)) return *error;
  SLUICE_ASSIGN_OR_RETURN(const auto end, IntField(json, path, "endPort"));
  if (end) {
    SLUICE_ASSIGN_OR_RETURN(port.end, DecodeEnd(*end, port.port, path.Child("endPort")));
  }
  return port;
}

}  // namespace sluice::decode
