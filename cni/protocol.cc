#include "cni/protocol.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <utility>

#include "cni/json.h"

namespace sluice::cni {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

constexpr std::array<std::pair<ErrorCode, std::string_view>, 7> kErrorNames{
    {{ErrorCode::kInvalid, "invalid"},
     {ErrorCode::kUnsupported, "unsupported"},
     {ErrorCode::kNotFound, "not-found"},
     {ErrorCode::kUnavailable, "unavailable"},
     {ErrorCode::kTimeout, "timeout"},
     {ErrorCode::kRefused, "refused"},
     {ErrorCode::kInternal, "internal"}}};

constexpr std::string_view kNewPods = "new-pods";
constexpr std::string_view kAllPods = "all-pods";

// A newer agent may know more codes than this plugin.
ErrorCode CodeOf(std::string_view text) {
  for (const auto& [code, name] : kErrorNames) {
    if (name == text) return code;
  }
  return ErrorCode::kInternal;
}

void PutMember(Writer& writer, const char* key, std::string_view text) {
  writer.Key(key);
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void PutAddresses(Writer& writer, const char* key, const std::vector<IpAddress>& addresses) {
  writer.Key(key);
  writer.StartArray();
  for (const IpAddress& address : addresses) writer.String(address.ToString().c_str());
  writer.EndArray();
}

std::vector<IpAddress> ReadAddresses(ObjectReader& reader, const char* key) {
  std::vector<IpAddress> addresses;
  for (const std::string& text : reader.Strings(key)) {
    const Result<IpAddress> address = ParseIp(text);
    if (!address.ok()) {
      reader.Fail(key, address.error().message());
      return {};
    }
    addresses.push_back(*address);
  }
  return addresses;
}

void PutKeys(Writer& writer, const char* key, const std::vector<AttachmentKey>& attachments) {
  writer.Key(key);
  writer.StartArray();
  for (const AttachmentKey& attachment : attachments) {
    writer.StartObject();
    PutMember(writer, "containerId", attachment.container_id);
    PutMember(writer, "ifname", attachment.ifname);
    writer.EndObject();
  }
  writer.EndArray();
}

std::vector<AttachmentKey> ReadKeys(ObjectReader& reader, const char* key) {
  std::vector<AttachmentKey> attachments;
  for (const rapidjson::Value* value : reader.Objects(key)) {
    ObjectReader key_reader(*value, "");
    AttachmentKey attachment{.container_id = key_reader.String("containerId"),
                             .ifname = key_reader.String("ifname")};
    Status good = key_reader.status();
    if (good.ok()) good = CheckContainerId(attachment.container_id);
    if (good.ok()) good = CheckIfname(attachment.ifname);
    if (!good.ok()) reader.Fail(key, good.error().message());
    attachments.push_back(std::move(attachment));
  }
  return attachments;
}

PodArgs ReadPod(ObjectReader& reader) {
  const rapidjson::Value* value = reader.Object("pod");
  if (value == nullptr) return {};
  ObjectReader pod_reader(*value, "");
  PodArgs pod{.ns = pod_reader.String("namespace"),
              .name = pod_reader.String("name"),
              .uid = pod_reader.String("uid")};
  if (!pod_reader.status().ok()) reader.Fail("pod", pod_reader.status().error().message());
  return pod;
}

Status CheckVersion(const rapidjson::Value& object) {
  ObjectReader reader(object, "");
  const std::optional<uint32_t> version = reader.Unsigned("version");
  SLUICE_RETURN_IF_ERROR(reader.status());
  if (!version) return Invalid("version: required");
  if (*version == kProtocolVersion) return Ok();
  return Unsupported("protocol version " + std::to_string(*version) + " (this side speaks " +
                     std::to_string(kProtocolVersion) +
                     "): plugin and agent are of different releases");
}

Status CheckComplete(const Request& request) {
  if (request.verb == Verb::kStatus) return Ok();
  if (request.network.empty()) return Invalid("network: required");
  if (request.verb == Verb::kGc) return Ok();
  SLUICE_RETURN_IF_ERROR(CheckContainerId(request.container_id));
  SLUICE_RETURN_IF_ERROR(CheckIfname(request.ifname));
  if (request.verb == Verb::kDel) return Ok();
  if (request.netns.empty()) return Invalid("netns: required");
  if (request.pod.ns.empty()) return Invalid("pod.namespace: required");
  if (request.pod.name.empty()) return Invalid("pod.name: required");
  if (request.ips.empty()) return Invalid("ips: at least one address required");
  if (request.mtu == 0) return Invalid("mtu: required");
  return Ok();
}

Result<Attached> ReadAttached(const rapidjson::Value& value) {
  ObjectReader reader(value, "attached.");
  Attached attached;
  attached.host_ifname = reader.String("hostIfname");
  const std::string mac = reader.String("mac");
  attached.gateways = ReadAddresses(reader, "gateways");
  SLUICE_RETURN_IF_ERROR(reader.status());
  SLUICE_RETURN_IF_ERROR(CheckIfname(attached.host_ifname));
  SLUICE_ASSIGN_OR_RETURN(attached.mac, ParseMac(mac));
  if (attached.gateways.empty()) return Invalid("attached.gateways: at least one required");
  return attached;
}

Result<NotReady> ReadNotReady(const rapidjson::Value& value) {
  ObjectReader reader(value, "notReady.");
  const std::string concerns = reader.String("concerns");
  NotReady not_ready{.concerns = concerns == kAllPods ? NotReady::Concerns::kAllPods
                                                      : NotReady::Concerns::kNewPods,
                     .why = reader.String("why")};
  SLUICE_RETURN_IF_ERROR(reader.status());
  return not_ready;
}

Result<Collected> ReadCollected(const rapidjson::Value& value) {
  ObjectReader reader(value, "collected.");
  Collected collected{.removed = ReadKeys(reader, "removed"), .left = reader.String("left")};
  SLUICE_RETURN_IF_ERROR(reader.status());
  return collected;
}

Result<Success> ReadSuccess(ObjectReader& reader) {
  Success success;
  if (const rapidjson::Value* attached = reader.Object("attached")) {
    SLUICE_ASSIGN_OR_RETURN(success.attached, ReadAttached(*attached));
  }
  if (const rapidjson::Value* not_ready = reader.Object("notReady")) {
    SLUICE_ASSIGN_OR_RETURN(success.not_ready, ReadNotReady(*not_ready));
  }
  if (const rapidjson::Value* collected = reader.Object("collected")) {
    SLUICE_ASSIGN_OR_RETURN(success.collected, ReadCollected(*collected));
  }
  SLUICE_RETURN_IF_ERROR(reader.status());
  return success;
}

void PutSuccess(Writer& writer, const Success& success) {
  if (success.attached) {
    writer.Key("attached");
    writer.StartObject();
    PutMember(writer, "hostIfname", success.attached->host_ifname);
    PutMember(writer, "mac", success.attached->mac.ToString());
    PutAddresses(writer, "gateways", success.attached->gateways);
    writer.EndObject();
  }
  if (success.not_ready) {
    const bool all = success.not_ready->concerns == NotReady::Concerns::kAllPods;
    writer.Key("notReady");
    writer.StartObject();
    PutMember(writer, "concerns", all ? kAllPods : kNewPods);
    PutMember(writer, "why", success.not_ready->why);
    writer.EndObject();
  }
  if (success.collected) {
    writer.Key("collected");
    writer.StartObject();
    PutKeys(writer, "removed", success.collected->removed);
    PutMember(writer, "left", success.collected->left);
    writer.EndObject();
  }
}

}  // namespace

std::string EncodeRequest(const Request& request) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  writer.Key("version");
  writer.Uint(kProtocolVersion);
  PutMember(writer, "verb", ToString(request.verb));
  PutMember(writer, "network", request.network);
  PutMember(writer, "containerId", request.container_id);
  PutMember(writer, "ifname", request.ifname);
  PutMember(writer, "netns", request.netns);
  writer.Key("pod");
  writer.StartObject();
  PutMember(writer, "namespace", request.pod.ns);
  PutMember(writer, "name", request.pod.name);
  PutMember(writer, "uid", request.pod.uid);
  writer.EndObject();
  PutAddresses(writer, "ips", request.ips);
  PutAddresses(writer, "gateways", request.gateways);
  writer.Key("mtu");
  writer.Uint(request.mtu);
  if (request.verb == Verb::kGc) PutKeys(writer, "validAttachments", request.valid_attachments);
  writer.Key("deadlineMs");
  writer.Int64(request.deadline.count());
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

std::string EncodeResponse(const Response& response) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  writer.Key("version");
  writer.Uint(kProtocolVersion);
  if (!response.ok()) {
    writer.Key("error");
    writer.StartObject();
    PutMember(writer, "code", NameOf(response.error().code()));
    PutMember(writer, "message", response.error().message());
    writer.EndObject();
  } else {
    PutSuccess(writer, *response);
  }
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

Result<Request> DecodeRequest(std::string_view json) {
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Document document, ParseJsonObject(json));
  SLUICE_RETURN_IF_ERROR(CheckVersion(document));
  ObjectReader reader(document, "");
  Request request;
  const std::string verb = reader.String("verb");
  request.network = reader.String("network");
  request.container_id = reader.String("containerId");
  request.ifname = reader.String("ifname");
  request.netns = reader.String("netns");
  request.pod = ReadPod(reader);
  request.ips = ReadAddresses(reader, "ips");
  request.gateways = ReadAddresses(reader, "gateways");
  request.mtu = reader.Unsigned("mtu").value_or(0);
  request.valid_attachments = ReadKeys(reader, "validAttachments");
  request.deadline = std::chrono::milliseconds(reader.Unsigned("deadlineMs").value_or(0));
  SLUICE_RETURN_IF_ERROR(reader.status());
  SLUICE_ASSIGN_OR_RETURN(request.verb, ParseVerb(verb));
  if (request.verb == Verb::kVersion) return Invalid("verb: the agent does not answer VERSION");
  if (request.verb == Verb::kGc && !reader.Has("validAttachments")) {
    return Invalid("validAttachments: required");
  }
  SLUICE_RETURN_IF_ERROR(CheckComplete(request));
  return request;
}

Result<Response> DecodeResponse(std::string_view json) {
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Document document, ParseJsonObject(json));
  SLUICE_RETURN_IF_ERROR(CheckVersion(document));
  ObjectReader reader(document, "");
  const rapidjson::Value* error = reader.Object("error");
  SLUICE_RETURN_IF_ERROR(reader.status());
  if (error != nullptr) {
    ObjectReader error_reader(*error, "error.");
    const std::string code = error_reader.String("code");
    std::string message = error_reader.String("message");
    SLUICE_RETURN_IF_ERROR(error_reader.status());
    return Response(Error(CodeOf(code), std::move(message)));
  }
  SLUICE_ASSIGN_OR_RETURN(Success success, ReadSuccess(reader));
  return Response(std::move(success));
}

std::string_view NameOf(ErrorCode code) {
  for (const auto& [known, name] : kErrorNames) {
    if (known == code) return name;
  }
  return "internal";
}

std::string Frame(std::string_view json) {
  const auto length = static_cast<uint32_t>(json.size());
  std::string frame;
  frame.reserve(json.size() + sizeof(FrameHeader));
  for (int shift = 24; shift >= 0; shift -= 8) {
    frame.push_back(static_cast<char>(static_cast<uint8_t>(length >> shift)));
  }
  frame += json;
  return frame;
}

Result<uint32_t> FrameLength(const FrameHeader& header) {
  uint32_t length = 0;
  for (const uint8_t byte : header) length = length << 8 | byte;
  if (length == 0) return Invalid("empty frame");
  if (length > kLargestFrame) {
    return Invalid("frame of " + std::to_string(length) + " bytes (at most " +
                   std::to_string(kLargestFrame) + ")");
  }
  return length;
}

}  // namespace sluice::cni
