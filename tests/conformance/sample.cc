#include "tests/conformance/sample.h"

#include "tests/conformance/case_objects.h"

namespace sluice::conformance {

Result<SampleShare> ParseShare(std::string_view text) {
  const size_t slash = text.find('/');
  // Ports are numbers of the same kind: decimal, not 0, not too large.
  const auto take = ParsePort(text.substr(0, slash));
  const auto of =
      slash == std::string_view::npos ? std::nullopt : ParsePort(text.substr(slash + 1));
  if (take && of && *take <= *of) return SampleShare{*take, *of};
  return Invalid("--sample is N/M with 1 <= N <= M, not '" + std::string(text) + "'");
}

std::vector<Case> SampleOf(std::vector<Case> cases, const SampleShare& share) {
  std::vector<Case> sample;
  for (size_t i = 0; i < cases.size(); ++i) {
    if (i % share.of < share.take) sample.push_back(std::move(cases[i]));
  }
  return sample;
}

}  // namespace sluice::conformance
