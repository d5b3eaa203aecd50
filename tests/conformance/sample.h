// A part of a file's cases: which ones depends on their place in the file alone. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "ofctl/base/result.h"
#include "tests/conformance/cluster_case.h"

namespace sluice::conformance {

// The first `take` of every `of` cases.
struct SampleShare {
  size_t take = 1;
  size_t of = 1;
};

// "N/M", with 1 <= N <= M.
Result<SampleShare> ParseShare(std::string_view text);
std::vector<Case> SampleOf(std::vector<Case> cases, const SampleShare& share);

}  // namespace sluice::conformance
