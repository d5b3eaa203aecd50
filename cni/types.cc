#include "cni/types.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "cni/env.h"
#include "cni/json.h"

namespace sluice::cni {
namespace {

constexpr uint32_t kSmallestMtu = 68;  // RFC 791
constexpr uint32_t kLargestMtu = 65535;

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void Put(Writer& writer, std::string_view text) {
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void PutMember(Writer& writer, const char* key, std::string_view text) {
  writer.Key(key);
  Put(writer, text);
}

void PutList(Writer& writer, const char* key, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  writer.Key(key);
  writer.StartArray();
  for (const std::string& text : texts) Put(writer, text);
  writer.EndArray();
}

Dns ReadDns(ObjectReader& parent) {
  const rapidjson::Value* value = parent.Object("dns");
  if (value == nullptr) return {};
  ObjectReader reader(*value, parent.NameOf("dns."));
  Dns dns{.nameservers = reader.Strings("nameservers"),
          .domain = reader.String("domain"),
          .search = reader.Strings("search"),
          .options = reader.Strings("options")};
  if (!reader.status().ok()) parent.Fail("dns", reader.status().error().message());
  return dns;
}

// An address that may be absent.
std::optional<IpAddress> ReadIp(ObjectReader& reader, const char* key) {
  const std::string text = reader.String(key);
  if (text.empty()) return std::nullopt;
  const Result<IpAddress> address = ParseIp(text);
  if (address.ok()) return *address;
  reader.Fail(key, address.error().message());
  return std::nullopt;
}

IpConfig ReadIpConfig(ObjectReader& reader) {
  IpConfig ip;
  ip.interface = reader.Unsigned("interface");
  ip.gateway = ReadIp(reader, "gateway");
  const std::string text = reader.String("address");
  const Result<Cidr> cidr = ParseCidr(text);
  const Result<IpAddress> address = ParseIp(text.substr(0, text.find('/')));
  if (!cidr.ok() || !address.ok()) {
    reader.Fail("address", (cidr.ok() ? address.error() : cidr.error()).message());
    return ip;
  }
  ip.address = *address;
  ip.prefix_length = cidr->length();
  return ip;
}

Route ReadRoute(ObjectReader& reader) {
  Route route{.destination = {}, .gateway = ReadIp(reader, "gw")};
  const Result<Cidr> destination = ParseCidr(reader.String("dst"));
  if (destination.ok()) {
    route.destination = *destination;
  } else {
    reader.Fail("dst", destination.error().message());
  }
  return route;
}

Interface ReadInterface(ObjectReader& reader) {
  return {.name = reader.String("name"),
          .mac = reader.String("mac"),
          .sandbox = reader.String("sandbox")};
}

// The elements of a list of objects, each by `read`.
template <typename T>
std::vector<T> ReadList(ObjectReader& parent, const char* key, T (*read)(ObjectReader&)) {
  std::vector<T> elements;
  for (const rapidjson::Value* value : parent.Objects(key)) {
    ObjectReader reader(*value, "[" + std::to_string(elements.size()) + "].");
    elements.push_back(read(reader));
    if (!reader.status().ok()) parent.Fail(key, reader.status().error().message());
  }
  return elements;
}

Result<AddResult> ReadAddResult(const rapidjson::Value& value, std::string where) {
  ObjectReader reader(value, std::move(where));
  AddResult result{.interfaces = ReadList(reader, "interfaces", ReadInterface),
                   .ips = ReadList(reader, "ips", ReadIpConfig),
                   .routes = ReadList(reader, "routes", ReadRoute),
                   .dns = ReadDns(reader)};
  SLUICE_RETURN_IF_ERROR(reader.status());
  for (const IpConfig& ip : result.ips) {
    if (ip.interface && *ip.interface >= result.interfaces.size()) {
      return Invalid(reader.NameOf("ips") + ": interface " + std::to_string(*ip.interface) +
                     " is not in the list of interfaces");
    }
  }
  return result;
}

std::optional<SpecVersion> KnownVersion(std::string_view text) {
  const auto* const found = std::find(kSupportedVersions.begin(), kSupportedVersions.end(), text);
  if (found == kSupportedVersions.end()) return std::nullopt;
  return static_cast<SpecVersion>(found - kSupportedVersions.begin());
}

CniError UnsupportedVersion(const std::string& version) {
  return MakeError(CniCode::kIncompatibleVersion,
                   version.empty() ? "the network configuration has no cniVersion"
                                   : "incompatible cniVersion " + Quoted(version),
                   "supported: 0.3.1, 0.4.0, 1.0.0");
}

// The network's name has the alphabet of a container id (specification 1.0.0, section 1).
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

Result<NetConf> ReadNetConf(const rapidjson::Value& value, SpecVersion version) {
  ObjectReader reader(value, "");
  NetConf conf{.version = version,
               .name = reader.String("name"),
               .type = reader.String("type"),
               .ipam_type = "",
               .dns = ReadDns(reader),
               .previous = std::nullopt};
  conf.mtu = reader.Unsigned("mtu").value_or(conf.mtu);
  if (std::string socket = reader.String("agentSocket"); !socket.empty()) {
    conf.agent_socket = std::move(socket);
  }
  if (const rapidjson::Value* ipam = reader.Object("ipam")) {
    ObjectReader ipam_reader(*ipam, "ipam.");
    conf.ipam_type = ipam_reader.String("type");
    SLUICE_RETURN_IF_ERROR(ipam_reader.status());
  }
  if (const rapidjson::Value* previous = reader.Object("prevResult")) {
    SLUICE_ASSIGN_OR_RETURN(conf.previous, ReadAddResult(*previous, "prevResult."));
  }
  SLUICE_RETURN_IF_ERROR(reader.status());
  return conf;
}

void PutInterface(Writer& writer, const Interface& interface) {
  writer.StartObject();
  PutMember(writer, "name", interface.name);
  if (!interface.mac.empty()) PutMember(writer, "mac", interface.mac);
  if (!interface.sandbox.empty()) PutMember(writer, "sandbox", interface.sandbox);
  writer.EndObject();
}

void PutIpConfig(Writer& writer, const IpConfig& ip, SpecVersion version) {
  writer.StartObject();
  if (version != SpecVersion::k100) {
    PutMember(writer, "version", ip.address.is_v4() ? "4" : "6");
  }
  if (ip.interface) {
    writer.Key("interface");
    writer.Uint(*ip.interface);
  }
  PutMember(writer, "address", ip.address.ToString() + "/" + std::to_string(ip.prefix_length));
  if (ip.gateway) PutMember(writer, "gateway", ip.gateway->ToString());
  writer.EndObject();
}

void PutRoute(Writer& writer, const Route& route) {
  writer.StartObject();
  PutMember(writer, "dst", route.destination.ToString());
  if (route.gateway) PutMember(writer, "gw", route.gateway->ToString());
  writer.EndObject();
}

void PutDns(Writer& writer, const Dns& dns) {
  writer.Key("dns");
  writer.StartObject();
  PutList(writer, "nameservers", dns.nameservers);
  if (!dns.domain.empty()) PutMember(writer, "domain", dns.domain);
  PutList(writer, "search", dns.search);
  PutList(writer, "options", dns.options);
  writer.EndObject();
}

}  // namespace

std::string_view ToString(SpecVersion version) {
  return kSupportedVersions[static_cast<size_t>(version)];
}

CniError MakeError(CniCode code, std::string msg, std::string details) {
  return {
      .code = static_cast<uint32_t>(code), .msg = std::move(msg), .details = std::move(details)};
}

Answer<NetConf> ParseNetConf(std::string_view text) {
  const auto undecodable = [](const Error& error) {
    return MakeError(CniCode::kDecodeFailure, "cannot decode the network configuration on stdin",
                     error.message());
  };
  const Result<rapidjson::Document> document = ParseJsonObject(text);
  if (!document.ok()) return undecodable(document.error());
  // Before anything else is read: another version may have another shape.
  ObjectReader reader(*document, "");
  const std::string version_text = reader.String("cniVersion");
  if (!reader.status().ok()) return undecodable(reader.status().error());
  const std::optional<SpecVersion> version = KnownVersion(version_text);
  if (!version) return UnsupportedVersion(version_text);

  Result<NetConf> conf = ReadNetConf(*document, *version);
  if (!conf.ok()) return undecodable(conf.error());
  if (const Status valid = Validate(*conf); !valid.ok()) {
    return MakeError(CniCode::kInvalidNetworkConfig, "invalid network configuration",
                     valid.error().message());
  }
  return std::move(conf).value();
}

Result<AddResult> ParseAddResult(std::string_view text) {
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Document document, ParseJsonObject(text));
  return ReadAddResult(document, "");
}

Result<CniError> ParseError(std::string_view text) {
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Document document, ParseJsonObject(text));
  ObjectReader reader(document, "");
  CniError error{.code = reader.Unsigned("code").value_or(0),
                 .msg = reader.String("msg"),
                 .details = reader.String("details")};
  SLUICE_RETURN_IF_ERROR(reader.status());
  if (error.code == 0) return Invalid("code: required");
  return error;
}

std::string PeekVersion(std::string_view text) {
  const Result<rapidjson::Document> document = ParseJsonObject(text);
  if (document.ok()) {
    ObjectReader reader(*document, "");
    if (std::string version = reader.String("cniVersion"); !version.empty()) return version;
  }
  return std::string(kSupportedVersions.back());
}

std::string FormatResult(const AddResult& result, SpecVersion version) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  PutMember(writer, "cniVersion", ToString(version));
  writer.Key("interfaces");
  writer.StartArray();
  for (const Interface& interface : result.interfaces) PutInterface(writer, interface);
  writer.EndArray();
  writer.Key("ips");
  writer.StartArray();
  for (const IpConfig& ip : result.ips) PutIpConfig(writer, ip, version);
  writer.EndArray();
  writer.Key("routes");
  writer.StartArray();
  for (const Route& route : result.routes) PutRoute(writer, route);
  writer.EndArray();
  PutDns(writer, result.dns);
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

std::string FormatError(const CniError& error, std::string_view version) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  PutMember(writer, "cniVersion", version);
  writer.Key("code");
  writer.Uint(error.code);
  PutMember(writer, "msg", error.msg);
  if (!error.details.empty()) PutMember(writer, "details", error.details);
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

std::string FormatVersions(std::string_view version) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  PutMember(writer, "cniVersion", version);
  writer.Key("supportedVersions");
  writer.StartArray();
  for (const std::string_view supported : kSupportedVersions) Put(writer, supported);
  writer.EndArray();
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace sluice::cni
