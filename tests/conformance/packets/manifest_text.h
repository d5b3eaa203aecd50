// Objects of the store as Kubernetes manifests (JSON). The inverse of agent/decode. Pure.
#pragma once

#include <string>

#include "agent/store/objects.h"

namespace sluice::conformance {

// Without what a kubelet fills in: a pod's addresses come from CNI ADD. A policy whose name no
// apiserver would take today (some cases have such) gets another one: it means nothing.
std::string ManifestText(const store::Object& object);

}  // namespace sluice::conformance
