// The format of npguard.json: cases[], each with workloads and the connections between them that
// are allowed; everything not listed is denied.
//
// Judged are the edges of every port range that the case names, between pods of different workloads
// and between pods and the first and last address of every outside range. Pod addresses are made up
// here. Left out is what the source understands otherwise than upstream Kubernetes does: pairs with
// a host-network pod (there: a pod like others), and pairs of pods where an ipBlock in force covers
// the peer's address (there: outside addresses only).
#pragma once

#include <vector>

#include "tests/conformance/case_objects.h"

namespace sluice::conformance {

FieldResult<std::vector<Case>> ParseConnectivity(const Value& document);

}  // namespace sluice::conformance
