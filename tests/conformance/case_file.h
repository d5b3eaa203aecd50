// A conformance file → cases. Pure; the formats are those of shared/conformance/README.md, told
// apart by their content:
//   steps and truth tables   cyclonus-*.json, k8s-e2e.json, recipes.json
//   workloads and allowed    npguard.json
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ofctl/base/result.h"
#include "tests/conformance/cluster_case.h"

namespace sluice::conformance {

// The whole file or nothing: an Error names the place that cannot be understood. Unsupported for a
// format that is known and not ours to judge (admin policies).
Result<std::vector<Case>> ParseCaseFile(std::string_view text);

}  // namespace sluice::conformance
