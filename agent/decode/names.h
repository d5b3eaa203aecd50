// What Kubernetes allows as a name (apimachinery, util/validation). Each function says what is
// wrong with `text`, or nothing if it is legal.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::decode {

// RFC 1123 label: at most 63 of [a-z0-9-], starting and ending with [a-z0-9].
std::optional<std::string> WrongWithDnsLabel(std::string_view text);
// RFC 1123 subdomain: labels joined by '.', at most 253 characters.
std::optional<std::string> WrongWithDnsSubdomain(std::string_view text);
// "[prefix/]name": prefix a subdomain, name at most 63 of [A-Za-z0-9_.-].
std::optional<std::string> WrongWithLabelKey(std::string_view text);
// Empty, or like the name of a label key.
std::optional<std::string> WrongWithLabelValue(std::string_view text);
// RFC 6335 service name: at most 15 of [a-z0-9-], at least one letter, no dash at an end or twice.
std::optional<std::string> WrongWithPortName(std::string_view text);

}  // namespace sluice::decode
