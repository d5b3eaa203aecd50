#include "cni/net_conf.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <array>
#include <utility>

#include "cni/json.h"
#include "cni/result_json.h"

namespace sluice::cni {
namespace {

constexpr uint32_t kSmallestMtu = 68;  // RFC 791
constexpr uint32_t kLargestMtu = 65535;
constexpr char kValidAttachments[] = "cni.dev/valid-attachments";

// Capability arguments (the specification's CONVENTIONS.md) that are about the interface rather
// than about its addresses, which are IPAM's.
constexpr std::array<const char*, 7> kUnservedCapabilities{
    "portMappings", "bandwidth", "mac", "dns", "aliases", "infinibandGUID", "deviceID"};

CniError Undecodable(const Error& error) {
  return MakeError(CniCode::kDecodeFailure, "cannot decode the network configuration on stdin",
                   error.message());
}

CniError InvalidConf(std::string details) {
  return MakeError(CniCode::kInvalidNetworkConfig, "invalid network configuration",
                   std::move(details));
}

// The first version that has the verb.
SpecVersion Since(Verb verb) {
  switch (verb) {
    case Verb::kStatus:
    case Verb::kGc:
      return SpecVersion::k110;
    case Verb::kCheck:
      return SpecVersion::k040;
    case Verb::kAdd:
    case Verb::kDel:
    case Verb::kVersion:
      break;
  }
  return SpecVersion::k031;
}

Answer<SpecVersion> ReadVersion(Verb verb, const std::string& text) {
  const std::optional<SpecVersion> version = ParseSpecVersion(text);
  if (!version) {
    return MakeError(CniCode::kIncompatibleVersion,
                     text.empty() ? "the network configuration has no cniVersion"
                                  : "incompatible cniVersion " + Quoted(text),
                     "supported: " + SupportedVersionsText());
  }
  if (*version < Since(verb)) {
    return MakeError(CniCode::kIncompatibleVersion,
                     "cniVersion " + text + " has no " + std::string(ToString(verb)));
  }
  return *version;
}

// The network's name has the alphabet of a container id (section 1, "Configuration format").
Status Validate(const NetConf& conf) {
  if (conf.name.empty()) return Invalid("name: required");
  if (!CheckContainerId(conf.name).ok()) {
    return Invalid("name: not a network name: " + Quoted(conf.name));
  }
  if (conf.type.empty()) return Invalid("type: required");
  if (conf.mtu < kSmallestMtu || conf.mtu > kLargestMtu) {
    return Invalid("mtu: " + std::to_string(conf.mtu) + " is not between 68 and 65535");
  }
  if (conf.agent_socket.front() != '/') {
    return Invalid("agentSocket: not an absolute path: " + Quoted(conf.agent_socket));
  }
  return Ok();
}

Result<NetConf> ReadCommonPart(ObjectReader& reader, SpecVersion version) {
  NetConf conf{.version = version,
               .name = reader.String("name"),
               .type = reader.String("type"),
               .ipam_type = "",
               .dns = ReadDns(reader),
               .previous = std::nullopt,
               .valid_attachments = {}};
  conf.mtu = reader.Unsigned("mtu").value_or(conf.mtu);
  if (std::string socket = reader.String("agentSocket"); !socket.empty()) {
    conf.agent_socket = std::move(socket);
  }
  if (const rapidjson::Value* ipam = reader.Object("ipam")) {
    ObjectReader ipam_reader(*ipam, "ipam.");
    conf.ipam_type = ipam_reader.String("type");
    SLUICE_RETURN_IF_ERROR(ipam_reader.status());
  }
  SLUICE_RETURN_IF_ERROR(reader.status());
  return conf;
}

// Runtimes that know a capability may hand it over empty: then nothing is asked for.
bool IsEmpty(const rapidjson::Value& value) {
  if (value.IsArray()) return value.Empty();
  if (value.IsString()) return value.GetStringLength() == 0;
  if (value.IsNumber()) return value.GetDouble() == 0;
  if (!value.IsObject()) return value.IsNull() || value.IsFalse();
  return std::all_of(value.MemberBegin(), value.MemberEnd(),
                     [](const auto& member) { return IsEmpty(member.value); });
}

std::string JsonText(const rapidjson::Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

// ADD: Sluice makes the interface, and does to it nothing that is not said here.
std::optional<CniError> RefuseUnserved(ObjectReader& reader) {
  if (reader.Has("prevResult")) {
    return InvalidConf(
        "prevResult: Sluice makes the pod's interface, so that it is the first of"
        " the plugins; nothing comes before it");
  }
  const rapidjson::Value* given = reader.Object("runtimeConfig");
  if (!reader.status().ok()) return Undecodable(reader.status().error());
  if (given == nullptr) return std::nullopt;
  for (const char* capability : kUnservedCapabilities) {
    const auto member = given->FindMember(capability);
    if (member == given->MemberEnd() || IsEmpty(member->value)) continue;
    // Key and value are to be named (section 5, "Error").
    return MakeError(CniCode::kUnsupportedField,
                     "unsupported field runtimeConfig." + std::string(capability) + ": " +
                         JsonText(member->value),
                     "give the capability to a plugin that has it and comes after Sluice");
  }
  return std::nullopt;
}

// GC: an attachment that is not understood would be taken for one that is gone, so that one bad
// entry spoils the list. libcni writes an empty list as null; a list that is not there is none.
Answer<std::vector<AttachmentKey>> ReadValidAttachments(const rapidjson::Value& conf) {
  const auto member = conf.FindMember(kValidAttachments);
  if (member == conf.MemberEnd()) {
    return InvalidConf(std::string(kValidAttachments) + ": required for GC");
  }
  ObjectReader reader(conf, "");
  std::vector<AttachmentKey> valid;
  for (const rapidjson::Value* entry : reader.Objects(kValidAttachments)) {
    const std::string where =
        std::string(kValidAttachments) + "[" + std::to_string(valid.size()) + "].";
    ObjectReader entry_reader(*entry, where);
    const AttachmentKey key{.container_id = entry_reader.String("containerID"),
                            .ifname = entry_reader.String("ifname")};
    if (!entry_reader.status().ok()) return Undecodable(entry_reader.status().error());
    if (const Status id = CheckContainerId(key.container_id); !id.ok()) {
      return InvalidConf(where + "containerID: " + id.error().message());
    }
    if (const Status ifname = CheckIfname(key.ifname); !ifname.ok()) {
      return InvalidConf(where + "ifname: " + ifname.error().message());
    }
    valid.push_back(key);
  }
  if (!reader.status().ok()) return Undecodable(reader.status().error());
  return valid;
}

Answer<AddResult> ReadPrevious(ObjectReader& reader) {
  const rapidjson::Value* previous = reader.Object("prevResult");
  if (!reader.status().ok()) return Undecodable(reader.status().error());
  if (previous == nullptr) return InvalidConf("prevResult: required for CHECK");
  Result<AddResult> read = ReadAddResult(*previous, "prevResult.");
  if (!read.ok()) return Undecodable(read.error());
  return std::move(read).value();
}

}  // namespace

Answer<NetConf> ParseNetConf(Verb verb, std::string_view text) {
  const Result<rapidjson::Document> document = ParseJsonObject(text);
  if (!document.ok()) return Undecodable(document.error());
  // Before anything else is read: another version may have another shape.
  ObjectReader reader(*document, "");
  const std::string version_text = reader.String("cniVersion");
  if (!reader.status().ok()) return Undecodable(reader.status().error());
  const Answer<SpecVersion> version = ReadVersion(verb, version_text);
  if (const auto* error = std::get_if<CniError>(&version)) return *error;

  Result<NetConf> conf = ReadCommonPart(reader, std::get<SpecVersion>(version));
  if (!conf.ok()) return Undecodable(conf.error());
  if (const Status valid = Validate(*conf); !valid.ok()) {
    return InvalidConf(valid.error().message());
  }
  if (verb == Verb::kAdd) {
    if (auto refused = RefuseUnserved(reader)) return *std::move(refused);
  }
  if (verb == Verb::kCheck) {
    Answer<AddResult> previous = ReadPrevious(reader);
    if (const auto* error = std::get_if<CniError>(&previous)) return *error;
    conf->previous = std::get<AddResult>(std::move(previous));
  }
  if (verb == Verb::kGc) {
    auto valid = ReadValidAttachments(*document);
    if (const auto* error = std::get_if<CniError>(&valid)) return *error;
    conf->valid_attachments = std::get<std::vector<AttachmentKey>>(std::move(valid));
  }
  return std::move(conf).value();
}

}  // namespace sluice::cni
