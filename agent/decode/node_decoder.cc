#include "agent/decode/node_decoder.h"

#include <algorithm>

#include "agent/decode/addresses.h"
#include "agent/decode/object_meta.h"
#include "ofctl/base/result.h"

namespace sluice::decode {
namespace {

constexpr std::string_view kInternalIp = "InternalIP";

FieldResult<Cidr> DecodePodCidr(std::string_view text, const FieldPath& path) {
  const Result<Cidr> cidr = ParseStoredCidr(text);
  if (!cidr.ok()) return ErrorAt(path, cidr.error().message());
  return *cidr;
}

FieldResult<std::vector<Cidr>> DecodePodCidrs(const rapidjson::Value& spec, const FieldPath& path) {
  std::vector<Cidr> cidrs;
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Value* list, ListField(spec, path, "podCIDRs"));
  const FieldPath list_path = path.Child("podCIDRs");
  for (rapidjson::SizeType i = 0; list != nullptr && i < list->Size(); ++i) {
    const FieldPath item = list_path.Index(i);
    if (!(*list)[i].IsString()) return WrongType(item, "a string", (*list)[i]);
    SLUICE_ASSIGN_OR_RETURN(const Cidr cidr, DecodePodCidr(TextOf((*list)[i]), item));
    if (std::ranges::find(cidrs, cidr.family(), &Cidr::family) != cidrs.end()) {
      return ErrorAt(item, "is the second one of its family");
    }
    cidrs.push_back(cidr);
  }
  std::ranges::sort(cidrs);
  if (!cidrs.empty()) return cidrs;
  SLUICE_ASSIGN_OR_RETURN(const auto only, StringField(spec, path, "podCIDR"));
  if (only.value_or("").empty()) return cidrs;
  SLUICE_ASSIGN_OR_RETURN(const Cidr cidr, DecodePodCidr(*only, path.Child("podCIDR")));
  cidrs.push_back(cidr);
  return cidrs;
}

FieldResult<std::vector<IpAddress>> DecodeInternalIps(const rapidjson::Value& status,
                                                      const FieldPath& path) {
  std::vector<IpAddress> ips;
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Value* list, ListField(status, path, "addresses"));
  const FieldPath list_path = path.Child("addresses");
  for (rapidjson::SizeType i = 0; list != nullptr && i < list->Size(); ++i) {
    const FieldPath item = list_path.Index(i);
    if (!(*list)[i].IsObject()) return WrongType(item, "an object", (*list)[i]);
    SLUICE_ASSIGN_OR_RETURN(const auto type, StringField((*list)[i], item, "type"));
    if (type != kInternalIp) continue;
    SLUICE_ASSIGN_OR_RETURN(const auto text, StringField((*list)[i], item, "address"));
    const auto address = ParseAddress(text.value_or(""));
    if (!address.ok()) return ErrorAt(item.Child("address"), address.error().message());
    ips.push_back(*address);
  }
  return ips;
}

}  // namespace

FieldResult<store::Node> DecodeNode(const rapidjson::Value& json) {
  SLUICE_ASSIGN_OR_RETURN(ObjectMeta meta,
                          DecodeObjectMeta(json, Scope::kCluster, Validation::kStored));
  store::Node node;
  node.name = std::move(meta.key.name);
  const FieldPath root;
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Value* spec, ObjectField(json, root, "spec"));
  const FieldPath spec_path = root.Child("spec");
  if (spec != nullptr) {
    SLUICE_ASSIGN_OR_RETURN(node.pod_cidrs, DecodePodCidrs(*spec, spec_path));
  }
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Value* status, ObjectField(json, root, "status"));
  const FieldPath status_path = root.Child("status");
  if (status != nullptr) {
    SLUICE_ASSIGN_OR_RETURN(node.internal_ips, DecodeInternalIps(*status, status_path));
  }
  return node;
}

}  // namespace sluice::decode
