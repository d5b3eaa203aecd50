// DropCounter: how many packets the policies' isolation flows have dropped, by the switch's own
// count.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ofctl/base/result.h"
#include "tests/conformance/unixctl_client.h"

namespace sluice::conformance {

// The sum of n_packets of the dropping flows in EgressDefault and IngressDefault. `flows` is what
// `ovs-appctl bridge/dump-flows` prints. Pure.
Result<uint64_t> DroppedByIsolation(std::string_view flows);

class DropCounter {
 public:
  explicit DropCounter(std::string bridge) : bridge_(std::move(bridge)) {}
  Status Connect(const std::string& vswitchd_control) { return control_.Connect(vswitchd_control); }

  // All packets that the datapath has dealt with so far are counted. What it deals with from now
  // on, it judges by the flows as they are: no megaflow of older flows is left.
  Result<uint64_t> Read();

 private:
  std::string bridge_;
  UnixctlClient control_;
};

}  // namespace sluice::conformance
