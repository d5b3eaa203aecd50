#include "agent/kube/event.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cinttypes>
#include <cstdio>
#include <ctime>
#include <string_view>

#include "agent/decode/identity.h"

namespace sluice::kube {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

// Validation of core/v1 Events; the name is one of a DNS subdomain.
constexpr size_t kMaxMessage = 1024;
constexpr size_t kMaxName = 253;
constexpr const char* kComponent = "sluice-agent";

// FNV-1a, 64 bits: the same in every build of every agent.
uint64_t Hash(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

// At most so many bytes, and no character of UTF-8 in pieces.
std::string_view CutOff(std::string_view text, size_t size) {
  constexpr unsigned char kKindOfByte = 0xc0;
  constexpr unsigned char kInside = 0x80;
  if (text.size() <= size) return text;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & kKindOfByte) == kInside) --size;
  return text.substr(0, size);
}

void Put(Writer& out, const char* key, std::string_view text) {
  out.Key(key);
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

std::string Timestamp(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

// Events of objects without a namespace live in "default".
std::string_view NamespaceOf(const Event& event) {
  return event.object.key.ns.empty() ? std::string_view("default") : event.object.key.ns;
}

void PutObject(Writer& out, const ObjectRef& object) {
  out.Key("involvedObject");
  out.StartObject();
  Put(out, "apiVersion", decode::ServedApiVersion(object.kind));
  Put(out, "kind", store::ToString(object.kind));
  if (!object.key.ns.empty()) Put(out, "namespace", object.key.ns);
  Put(out, "name", object.key.name);
  if (!object.uid.empty()) Put(out, "uid", object.uid);
  if (!object.resource_version.empty()) Put(out, "resourceVersion", object.resource_version);
  out.EndObject();
}

}  // namespace

Event EventOf(const Complaint& complaint, const ObjectRef& object) {
  const bool refused = complaint.severity == Complaint::Severity::kError;
  std::string_view reason = refused ? "NotUnderstood" : "PartlyUnderstood";
  if (object.kind == store::ObjectKind::kNetworkPolicy) {
    reason = refused ? "PolicyNotUnderstood" : "PolicyPartlyEnforced";
  }
  return {.object = object, .reason = std::string(reason), .message = complaint.text};
}

std::string EventName(const Event& event) {
  char suffix[24];
  std::snprintf(suffix, sizeof suffix, ".%016" PRIx64,
                Hash(event.object.uid + '\0' + std::string(store::ToString(event.object.kind)) +
                     '\0' + event.reason + '\0' + event.message));
  const std::string_view ending(suffix);
  return std::string(CutOff(event.object.key.name, kMaxName - ending.size())) + suffix;
}

EventPost PostOf(const Event& event, const EventOrigin& origin) {
  rapidjson::StringBuffer buffer;
  Writer out(buffer);
  out.StartObject();
  Put(out, "apiVersion", "v1");
  Put(out, "kind", "Event");
  out.Key("metadata");
  out.StartObject();
  Put(out, "name", EventName(event));
  Put(out, "namespace", NamespaceOf(event));
  out.EndObject();
  PutObject(out, event.object);
  Put(out, "type", "Warning");
  Put(out, "reason", event.reason);
  Put(out, "message", CutOff(event.message, kMaxMessage));
  Put(out, "reportingComponent", kComponent);
  Put(out, "reportingInstance", origin.node);
  out.Key("source");
  out.StartObject();
  Put(out, "component", kComponent);
  Put(out, "host", origin.node);
  out.EndObject();
  Put(out, "firstTimestamp", Timestamp(origin.now));
  Put(out, "lastTimestamp", Timestamp(origin.now));
  out.Key("count");
  out.Int(1);
  out.EndObject();
  return {.target = "/api/v1/namespaces/" + std::string(NamespaceOf(event)) + "/events",
          .json = buffer.GetString()};
}

}  // namespace sluice::kube
