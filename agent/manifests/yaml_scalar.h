// The type of a YAML scalar, as kubectl reads it: sigs.k8s.io/yaml, that is go-yaml v2, which is
// YAML 1.1 with Go's integers. A quoted scalar is a string. A plain one may be
//   null     "", ~, null, Null, NULL
//   boolean  y, yes, on, true, n, no, off, false, each also as "Yes" and "YES"
//   integer  decimal, 0x, 0o, 0b; 010 is octal; '_' between digits is ignored
//   float    1.5, 1e3; a whole one is an integer to JSON, so 80.0 is 80
// and otherwise a string (dates too).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "ofctl/base/result.h"

namespace sluice::manifests {

using YamlScalar = std::variant<std::monostate, bool, int64_t, uint64_t, double, std::string>;

// `tag` as in YamlNode. Error: an explicit tag that the text does not fit, or a value that JSON
// cannot hold (.nan, .inf, !!binary).
Result<YamlScalar> ResolveScalar(std::string_view tag, std::string_view text);

}  // namespace sluice::manifests
