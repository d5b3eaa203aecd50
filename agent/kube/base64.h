// Base64 as kubeconfig's *-data fields have it (RFC 4648, 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::kube {

// Line breaks and blanks are skipped; padding may be missing at the end, nothing may follow it.
// Absent: not base64.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace sluice::kube
