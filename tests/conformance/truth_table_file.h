// The format of cyclonus-*.json, k8s-e2e.json and recipes.json: cases[].steps[], each with actions,
// the whole state after them, and truth tables.
#pragma once

#include <vector>

#include "tests/conformance/case_objects.h"

namespace sluice::conformance {

FieldResult<std::vector<Case>> ParseTruthTables(const Value& document);

}  // namespace sluice::conformance
