// Kernel parameters below /proc/sys (sysctl(8)), of the calling thread's network namespace.
#pragma once

#include <string>

#include "ofctl/base/result.h"

namespace sluice::netlink {

// A path below /proc/sys, such as net/ipv4/ip_forward, and what to write there.
struct Sysctl {
  std::string path;
  std::string value;
};

// Writes only if the value is another one. NotFound if there is no such parameter.
Status SetSysctl(const Sysctl& sysctl);

}  // namespace sluice::netlink
