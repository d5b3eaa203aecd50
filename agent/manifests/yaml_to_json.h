// A YAML document as the JSON that kubectl would send, and the way back from a JSON field to its
// line.
#pragma once

#include <rapidjson/document.h>

#include <optional>
#include <string>
#include <string_view>

#include "agent/manifests/yaml_tree.h"

namespace sluice::manifests {

struct YamlProblem {
  int line = 0;
  std::string text;
};

struct JsonDocument {
  rapidjson::Document json;
  // The first thing that has no meaning in JSON: a key given twice, a key that is a list, an
  // expansion bomb. `json` is then good for naming the document and nothing else.
  std::optional<YamlProblem> problem;
};

// Keys are strings to JSON: 80 is "80", and on is "true", as in kubectl. Merge keys (<<) work.
JsonDocument ToJson(const YamlNode& root);

// The line of a field such as "spec.ingress[0].from[1].ipBlock.cidr"; if it is not there, of the
// nearest thing around it that is.
int LineOfField(const YamlNode& root, std::string_view field);

}  // namespace sluice::manifests
