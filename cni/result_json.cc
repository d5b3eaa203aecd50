#include "cni/result_json.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <utility>

#include "cni/json.h"

namespace sluice::cni {
namespace {

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
  for (const char* key : {"mtu", "advmss", "priority", "table", "scope"}) {
    if (route.attribute.empty() && reader.Has(key)) route.attribute = key;
  }
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
          .sandbox = reader.String("sandbox"),
          .mtu = reader.Unsigned("mtu")};
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

void PutInterface(Writer& writer, const Interface& interface, SpecVersion version) {
  writer.StartObject();
  PutMember(writer, "name", interface.name);
  if (!interface.mac.empty()) PutMember(writer, "mac", interface.mac);
  if (interface.mtu && version >= SpecVersion::k110) {
    writer.Key("mtu");
    writer.Uint(*interface.mtu);
  }
  if (!interface.sandbox.empty()) PutMember(writer, "sandbox", interface.sandbox);
  writer.EndObject();
}

void PutIpConfig(Writer& writer, const IpConfig& ip, SpecVersion version) {
  writer.StartObject();
  if (version < SpecVersion::k100) {
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
  for (const Interface& interface : result.interfaces) {
    PutInterface(writer, interface, version);
  }
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
