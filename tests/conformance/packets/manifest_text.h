// Objects of the store as Kubernetes manifests (JSON). The inverse of agent/decode. Pure.
#pragma once

#include <string>

#include "agent/store/objects.h"

namespace sluice::conformance {

// Without what a kubelet fills in: a pod's addresses come from CNI ADD.
std::string ManifestText(const store::Object& object);

}  // namespace sluice::conformance
