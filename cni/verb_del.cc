#include <optional>
#include <string>

#include "cni/verbs.h"

namespace sluice::cni {

// Both parts are always tried, the agent's first: an address that is free again must not have flows
// of its former pod.
Answer<std::string> Del(const Job& job) {
  const std::optional<CniError> detached = Detach(job);
  const std::optional<CniError> released = IpamRun(Ipam(job), Verb::kDel);
  if (detached) return *detached;
  if (released) return *released;
  return std::string();
}

}  // namespace sluice::cni
