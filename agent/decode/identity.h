// Which object a document is about, also when the rest of it cannot be understood.
#pragma once

#include <rapidjson/document.h>

#include <compare>
#include <optional>
#include <string_view>

#include "agent/store/objects.h"

namespace sluice::decode {

struct Identity {
  store::ObjectKind kind;
  store::ObjectKey key;

  friend auto operator<=>(const Identity&, const Identity&) = default;
};

// Absent: a kind Sluice does not use, or a group of somebody else's that has a kind of that name.
std::optional<store::ObjectKind> KindFor(std::string_view api_version, std::string_view kind);
// The one apiVersion that today's apiserver serves the kind under.
std::string_view ServedApiVersion(store::ObjectKind kind);

// Absent if the kind is not one Sluice uses or the document has no name. Nothing is validated.
std::optional<Identity> IdentityOf(const rapidjson::Value& json);

}  // namespace sluice::decode
