#include "agent/manifests/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace sluice::manifests {
namespace {

constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";

template <size_t n>
bool IsOneOf(std::string_view text, const std::array<std::string_view, n>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Each of these three says whether it understands the text, and sets `scalar` if so.

bool ResolveWord(std::string_view text, YamlScalar& scalar) {
  constexpr std::array<std::string_view, 5> kNull = {"", "~", "null", "Null", "NULL"};
  constexpr std::array<std::string_view, 11> kTrue = {"y",    "Y",    "yes", "Yes", "YES", "true",
                                                      "True", "TRUE", "on",  "On",  "ON"};
  constexpr std::array<std::string_view, 11> kFalse = {
      "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"};
  if (IsOneOf(text, kNull)) {
    scalar = std::monostate();
  } else if (IsOneOf(text, kTrue)) {
    scalar = true;
  } else if (IsOneOf(text, kFalse)) {
    scalar = false;
  } else {
    return false;
  }
  return true;
}

// Go's strconv.ParseInt with base 0.
bool ResolveInteger(std::string_view text, YamlScalar& scalar) {
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  int base = 10;
  if (text.size() > 1 && text[0] == '0') {
    const char letter = static_cast<char>(text[1] | 0x20);
    base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
    text.remove_prefix(letter == 'x' || letter == 'b' || letter == 'o' ? 2 : 1);
  }
  uint64_t magnitude = 0;
  const auto [end, failed] =
      std::from_chars(text.data(), text.data() + text.size(), magnitude, base);
  if (failed != std::errc() || end != text.data() + text.size()) return false;
  constexpr uint64_t kMax = std::numeric_limits<int64_t>::max();
  if (magnitude <= kMax) {
    const auto number = static_cast<int64_t>(magnitude);
    scalar = negative ? -number : number;
    return true;
  }
  if (!negative) scalar = magnitude;
  return !negative;
}

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool ResolveFloat(std::string_view text, YamlScalar& scalar) {
  std::string_view digits = text;
  if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) digits.remove_prefix(1);
  const bool numeric = !digits.empty() && (IsDigit(digits[0]) || digits[0] == '.');
  double value = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (!numeric || failed != std::errc() || end != digits.data() + digits.size()) return false;
  if (text[0] == '-') value = -value;
  constexpr double kExact = 9007199254740992;  // 2^53
  if (std::trunc(value) == value && std::abs(value) <= kExact) {
    scalar = static_cast<int64_t>(value);
  } else {
    scalar = value;
  }
  return true;
}

Result<YamlScalar> ResolvePlain(std::string_view text) {
  YamlScalar scalar;
  if (ResolveWord(text, scalar)) return scalar;
  const char first = text[0];
  if (first == '.' || IsDigit(first) || first == '+' || first == '-') {
    std::string_view sign_less = text;
    if (first == '+' || first == '-') sign_less.remove_prefix(1);
    constexpr std::array<std::string_view, 3> kInfinity = {".inf", ".Inf", ".INF"};
    constexpr std::array<std::string_view, 3> kNan = {".nan", ".NaN", ".NAN"};
    if (IsOneOf(sign_less, kInfinity) || IsOneOf(text, kNan)) {
      return Invalid("the number " + std::string(text) + " has no place in JSON");
    }
    std::string plain(text);
    if (first != '.') plain.erase(std::remove(plain.begin(), plain.end(), '_'), plain.end());
    if (first != '.' && ResolveInteger(plain, scalar)) return scalar;
    if (ResolveFloat(plain, scalar)) return scalar;
  }
  scalar = std::string(text);
  return scalar;
}

bool FitsTag(std::string_view name, const YamlScalar& value) {
  if (name == "null") return std::holds_alternative<std::monostate>(value);
  if (name == "bool") return std::holds_alternative<bool>(value);
  const bool integer =
      std::holds_alternative<int64_t>(value) || std::holds_alternative<uint64_t>(value);
  if (name == "int") return integer;
  return integer || std::holds_alternative<double>(value);  // float
}

}  // namespace

Result<YamlScalar> ResolveScalar(std::string_view tag, std::string_view text) {
  if (tag == "?" || tag.empty()) return ResolvePlain(text);
  if (tag.substr(0, kTagPrefix.size()) != kTagPrefix) return YamlScalar(std::string(text));
  const std::string_view name = tag.substr(kTagPrefix.size());
  if (name == "binary") return Invalid("the tag !!binary is not supported");
  constexpr std::array<std::string_view, 4> kTyped = {"null", "bool", "int", "float"};
  if (!IsOneOf(name, kTyped)) return YamlScalar(std::string(text));
  SLUICE_ASSIGN_OR_RETURN(YamlScalar value, ResolvePlain(text));
  if (FitsTag(name, value)) return value;
  return Invalid("\"" + std::string(text) + "\" does not fit its tag !!" + std::string(name));
}

}  // namespace sluice::manifests
