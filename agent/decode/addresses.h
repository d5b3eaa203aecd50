// Addresses and prefixes as Kubernetes objects spell them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ofctl/base/ip.h"
#include "ofctl/base/result.h"

namespace sluice::decode {

// ParseIp, with the IPv4 form of an IPv4-mapped address (::ffff:10.0.0.1 is 10.0.0.1).
Result<IpAddress> ParseAddress(std::string_view text);

// The IPv4 prefix that an IPv4-mapped IPv6 prefix stands for. Absent if `cidr` is not mapped.
std::optional<Cidr> MappedV4(const Cidr& cidr);

// What Validation::kStored makes of a prefix (netpol rules 28 and 58): host bits and leading zeros
// are tolerated, a mapped prefix becomes its IPv4 form. Error: it matches nothing.
Result<Cidr> ParseStoredCidr(std::string_view text);

// What today's apiserver takes for a new object (KEP-4858): none of the above.
Result<Cidr> ParseNewCidr(std::string_view text);

}  // namespace sluice::decode
