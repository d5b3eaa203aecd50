#include "tests/conformance/coverage.h"

namespace sluice::conformance {

std::optional<std::string> NotCovered(const End& source, const End& destination,
                                      const Service& service) {
  if (service.protocol == store::Protocol::kSctp) return "SCTP probe";
  if (!source.ip.is_v4() || !destination.ip.is_v4()) return "IPv6 probe";
  return std::nullopt;
}

}  // namespace sluice::conformance
