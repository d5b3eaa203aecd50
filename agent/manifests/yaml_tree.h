// A YAML stream as trees that remember their lines. Built from yaml-cpp's events, because its own
// nodes forget which scalars were quoted and expand aliases without a bound.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sluice::manifests {

struct YamlNode;
// An alias is one more pointer to the node of its anchor.
using YamlNodePtr = std::shared_ptr<const YamlNode>;

struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMap };
  Kind kind = Kind::kNull;
  int line = 0;       // from 1; of an alias, the anchor's
  std::string tag;    // "?": plain, "!": quoted or a block, otherwise written by the author
  std::string text;   // of a scalar
  size_t height = 1;  // levels from here to the deepest leaf, through aliases
  std::vector<YamlNodePtr> items;  // of a map: key, value, key, value, ...
};

struct YamlSyntaxError {
  int line = 0;  // from 1; 0 if about the whole text
  std::string reason;
};

// One tree per document, empty ones (kNull) included; or the first error, whatever came before it.
// Bounded: nesting deeper than 100, aliases followed, is an error.
std::variant<std::vector<YamlNodePtr>, YamlSyntaxError> ParseYaml(std::string_view text);

}  // namespace sluice::manifests
