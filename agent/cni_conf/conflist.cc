#include "agent/cni_conf/conflist.h"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

namespace sluice::cni_conf {
namespace {

using Json = rapidjson::Value;
using Allocator = rapidjson::Document::AllocatorType;

constexpr std::string_view kOwnType = "sluice";
constexpr std::string_view kHostLocal = "host-local";

// The member "type" is that text.
bool IsOfType(const Json& object, std::string_view type) {
  if (!object.IsObject() || !object.HasMember("type")) return false;
  const Json& found = object["type"];
  return found.IsString() && std::string_view(found.GetString(), found.GetStringLength()) == type;
}

Json Text(const std::string& text, Allocator& allocator) {
  return {text.data(), static_cast<rapidjson::SizeType>(text.size()), allocator};
}

// [[{"subnet": ..., "gateway": ...}], ...]
Json RangeSets(const std::vector<AddressRange>& ranges, Allocator& allocator) {
  Json sets(rapidjson::kArrayType);
  for (const AddressRange& range : ranges) {
    Json entry(rapidjson::kObjectType);
    entry.AddMember("subnet", Text(range.subnet.ToString(), allocator), allocator);
    entry.AddMember("gateway", Text(range.gateway.ToString(), allocator), allocator);
    Json set(rapidjson::kArrayType);
    set.PushBack(entry, allocator);
    sets.PushBack(set, allocator);
  }
  return sets;
}

void FillIn(Json& plugin, const std::vector<AddressRange>& ranges, Allocator& allocator) {
  if (!plugin.IsObject() || !plugin.HasMember("ipam")) return;
  Json& ipam = plugin["ipam"];
  if (!IsOfType(ipam, kHostLocal) || ipam.HasMember("ranges") || ipam.HasMember("subnet")) return;
  ipam.AddMember("ranges", RangeSets(ranges, allocator), allocator);
}

}  // namespace

Result<std::string> ConflistText(std::string_view template_text,
                                 const std::vector<AddressRange>& ranges) {
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag>(template_text.data(), template_text.size());
  if (json.HasParseError()) {
    return Invalid("is not JSON at byte " + std::to_string(json.GetErrorOffset()) + ": " +
                   rapidjson::GetParseError_En(json.GetParseError()));
  }
  if (!json.IsObject() || !json.HasMember("plugins") || !json["plugins"].IsArray()) {
    return Invalid("is no network configuration list: plugins is missing");
  }
  bool is_ours = false;
  for (Json& plugin : json["plugins"].GetArray()) {
    is_ours = is_ours || IsOfType(plugin, kOwnType);
    FillIn(plugin, ranges, json.GetAllocator());
  }
  if (!is_ours) return Invalid("plugins: none of them is of type sluice");
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> writer(buffer);
  writer.SetIndent(' ', 2);
  json.Accept(writer);
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

}  // namespace sluice::cni_conf
