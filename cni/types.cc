#include "cni/types.h"

#include <algorithm>
#include <utility>

namespace sluice::cni {

std::string_view ToString(SpecVersion version) {
  return kSupportedVersions[static_cast<size_t>(version)];
}

std::optional<SpecVersion> ParseSpecVersion(std::string_view text) {
  const auto* const found = std::find(kSupportedVersions.begin(), kSupportedVersions.end(), text);
  if (found == kSupportedVersions.end()) return std::nullopt;
  return static_cast<SpecVersion>(found - kSupportedVersions.begin());
}

std::string SupportedVersionsText() {
  std::string text;
  for (const std::string_view version : kSupportedVersions) {
    text += (text.empty() ? "" : ", ") + std::string(version);
  }
  return text;
}

CniError MakeError(CniCode code, std::string msg, std::string details) {
  return {
      .code = static_cast<uint32_t>(code), .msg = std::move(msg), .details = std::move(details)};
}

}  // namespace sluice::cni
