#include "agent/decode/names.h"

#include <algorithm>

#include "agent/decode/field_reader.h"

namespace sluice::decode {
namespace {

// <cctype> asks the locale; Kubernetes does not.
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLowerOrDigit(char c) { return IsLower(c) || IsDigit(c); }
bool IsAlnum(char c) { return IsLowerOrDigit(c) || (c >= 'A' && c <= 'Z'); }

std::string TooLong(std::string_view text, size_t limit) {
  return Quoted(text) + " is longer than " + std::to_string(limit) + " characters";
}

bool IsDnsLabelShape(std::string_view text) {
  return !text.empty() && IsLowerOrDigit(text.front()) && IsLowerOrDigit(text.back()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return IsLowerOrDigit(c) || c == '-'; });
}

// [A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?
bool IsQualifiedShape(std::string_view text) {
  return !text.empty() && IsAlnum(text.front()) && IsAlnum(text.back()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return IsAlnum(c) || c == '-' || c == '_' || c == '.'; });
}

}  // namespace

std::optional<std::string> WrongWithDnsLabel(std::string_view text) {
  if (text.size() > 63) return TooLong(text, 63);
  if (IsDnsLabelShape(text)) return std::nullopt;
  return Quoted(text) +
         " is not a DNS label (a-z, 0-9 and '-', starting and ending with a letter or digit)";
}

std::optional<std::string> WrongWithDnsSubdomain(std::string_view text) {
  if (text.size() > 253) return TooLong(text, 253);
  std::string_view rest = text;
  while (true) {
    const size_t dot = rest.find('.');
    if (!IsDnsLabelShape(rest.substr(0, dot))) break;
    if (dot == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(dot + 1);
  }
  return Quoted(text) +
         " is not a DNS name (a-z, 0-9, '-' and '.', each part starting and ending with a letter "
         "or digit)";
}

std::optional<std::string> WrongWithLabelKey(std::string_view text) {
  std::string_view name = text;
  if (const size_t slash = text.find('/'); slash != std::string_view::npos) {
    if (auto wrong = WrongWithDnsSubdomain(text.substr(0, slash))) {
      return "label key " + Quoted(text) + ": its prefix " + *wrong;
    }
    name.remove_prefix(slash + 1);
  }
  if (name.size() > 63) return "label key " + TooLong(text, 63) + " after its prefix";
  if (IsQualifiedShape(name)) return std::nullopt;
  return "label key " + Quoted(text) +
         " is not legal (letters, digits, '-', '_' and '.', starting and ending with a letter or "
         "digit, after an optional DNS name and '/')";
}

std::optional<std::string> WrongWithLabelValue(std::string_view text) {
  if (text.size() > 63) return "label value " + TooLong(text, 63);
  if (text.empty() || IsQualifiedShape(text)) return std::nullopt;
  return "label value " + Quoted(text) +
         " is not legal (letters, digits, '-', '_' and '.', starting and ending with a letter or "
         "digit)";
}

std::optional<std::string> WrongWithPortName(std::string_view text) {
  if (text.size() > 15) return "port name " + TooLong(text, 15);
  const bool legal = IsDnsLabelShape(text) && text.find("--") == std::string_view::npos &&
                     std::any_of(text.begin(), text.end(), IsLower);
  if (legal) return std::nullopt;
  const bool number = !text.empty() && std::all_of(text.begin(), text.end(), IsDigit);
  return "port name " + Quoted(text) +
         (number ? " has no letter; leave the quotes out if the number is meant"
                 : " is not legal (a-z, 0-9 and single '-' between them, at least one letter)");
}

}  // namespace sluice::decode
