// Delegated IPAM (CNI specification 1.1.0, section 4): addresses come from a plugin of its own,
// named by ipam.type and found in CNI_PATH.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "cni/env.h"
#include "cni/types.h"

namespace sluice::cni {

struct IpamCall {
  std::string type;                // ipam.type
  const Environment& environment;  // handed on, with CNI_COMMAND replaced
  std::string_view configuration;  // handed on as it came
  std::chrono::milliseconds timeout;
};

// The plugin's addresses. Its own CNI error is passed on; without one, code 101.
Answer<AddResult> IpamAdd(const IpamCall& call);
// Any verb without a result: nothing, if all is well.
std::optional<CniError> IpamRun(const IpamCall& call, Verb verb);

}  // namespace sluice::cni
