#include "agent/decode/ip_block_decoder.h"

#include <algorithm>

#include "agent/decode/addresses.h"
#include "ofctl/base/result.h"

namespace sluice::decode {
namespace {

FieldResult<Cidr> DecodeCidr(std::string_view text, const FieldPath& path, Validation validation) {
  auto cidr = validation == Validation::kCreate ? ParseNewCidr(text) : ParseStoredCidr(text);
  if (!cidr.ok()) return ErrorAt(path, cidr.error().message());
  return *cidr;
}

FieldResult<std::vector<Cidr>> DecodeExcept(const rapidjson::Value& list, const FieldPath& path,
                                            const Cidr& around, Validation validation) {
  std::vector<Cidr> holes;
  for (rapidjson::SizeType i = 0; i < list.Size(); ++i) {
    const FieldPath item = path.Index(i);
    if (!list[i].IsString()) return WrongType(item, "a string", list[i]);
    SLUICE_ASSIGN_OR_RETURN(const Cidr hole, DecodeCidr(TextOf(list[i]), item, validation));
    const bool inside = around.Contains(hole) && hole.length() > around.length();
    if (inside) {
      holes.push_back(hole);
      continue;
    }
    if (validation == Validation::kCreate) {
      return ErrorAt(item, hole.ToString() + " is not strictly inside " + around.ToString());
    }
    if (hole.Contains(around)) return ErrorAt(item, "leaves nothing of " + around.ToString());
  }
  std::sort(holes.begin(), holes.end());
  holes.erase(std::unique(holes.begin(), holes.end()), holes.end());
  return holes;
}

}  // namespace

FieldResult<store::IpBlock> DecodeIpBlock(const rapidjson::Value& json, const FieldPath& path,
                                          Validation validation) {
  if (validation == Validation::kCreate) {
    if (auto unknown = UnknownField(json, path, {"cidr", "except"})) return *unknown;
  }
  SLUICE_ASSIGN_OR_RETURN(const auto text, StringField(json, path, "cidr"));
  if (!text) return ErrorAt(path.Child("cidr"), "is missing");
  store::IpBlock block;
  SLUICE_ASSIGN_OR_RETURN(block.cidr, DecodeCidr(*text, path.Child("cidr"), validation));
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Value* except, ListField(json, path, "except"));
  if (except == nullptr) return block;
  SLUICE_ASSIGN_OR_RETURN(block.except,
                          DecodeExcept(*except, path.Child("except"), block.cidr, validation));
  return block;
}

}  // namespace sluice::decode
