#pragma once

#include <cstdint>
#include <string>

namespace sluice::kube {

// Something the apiserver holds, or does, that Sluice cannot use; one line for a person.
struct Complaint {
  enum class Severity : uint8_t { kError, kWarning };
  Severity severity = Severity::kError;
  std::string text;  // "Pod default/a: status.podIP: ...", "pods: watch refused: 403 Forbidden"

  const std::string& ToString() const { return text; }
  friend bool operator==(const Complaint&, const Complaint&) = default;
};

}  // namespace sluice::kube
