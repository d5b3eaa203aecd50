#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agent/store/objects.h"

namespace sluice::kube {

// An object as it was when it was looked at; what could not be read is empty.
struct ObjectRef {
  store::ObjectKind kind = store::ObjectKind::kPod;
  store::ObjectKey key;
  std::string uid;
  std::string resource_version;

  friend bool operator==(const ObjectRef&, const ObjectRef&) = default;
};

// Something the apiserver holds, or does, that Sluice cannot use; one line for a person.
struct Complaint {
  enum class Severity : uint8_t { kError, kWarning };
  Severity severity = Severity::kError;
  std::string text;  // "Pod default/a: status.podIP: ...", "pods: watch refused: 403 Forbidden"
  std::optional<ObjectRef> object{};  // absent: a list or a watch is what fails

  const std::string& ToString() const { return text; }
  friend bool operator==(const Complaint&, const Complaint&) = default;
};

}  // namespace sluice::kube
