// ManifestParser: the text of one file into the objects it defines. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/decode/identity.h"
#include "agent/manifests/yaml_tree.h"
#include "agent/store/objects.h"

namespace sluice::manifests {

struct UnknownKind {
  std::string api_version;
  std::string kind;

  friend auto operator<=>(const UnknownKind&, const UnknownKind&) = default;
};

struct RefusedDocument {
  // Absent: it does not say which object it is.
  std::optional<decode::Identity> identity;
  std::string reason;  // object, field and what is wrong
};

// One object of a file: a document, or an item of a List.
struct ManifestEntry {
  int line = 0;  // of the object; for a refused one, of the field
  std::variant<store::Object, UnknownKind, RefusedDocument> content;
};

// Multi-document YAML (JSON is YAML); empty documents are skipped; List, PodList, NamespaceList and
// NetworkPolicyList are taken apart. A text that is not YAML is refused as a whole, whatever is
// good in it: where one document ends and the next begins is a guess then.
std::variant<std::vector<ManifestEntry>, YamlSyntaxError> ParseManifest(std::string_view text);

}  // namespace sluice::manifests
