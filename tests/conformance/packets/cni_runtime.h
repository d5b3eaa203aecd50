// CniRuntime: calls the real CNI plugin as a container runtime does, with addresses of our choice
// (the `static` IPAM plugin of the CNI project).
#pragma once

#include <string>
#include <vector>

#include "agent/store/objects.h"
#include "ofctl/base/ip.h"
#include "ofctl/base/result.h"

namespace sluice::conformance {

class CniRuntime {
 public:
  struct Spec {
    std::string plugin;  // path of build/bin/sluice
    std::string agent_socket;
  };
  struct Attachment {
    store::ObjectKey pod;
    std::string netns;           // path
    std::vector<IpAddress> ips;  // at most one a family
  };

  explicit CniRuntime(Spec spec) : spec_(std::move(spec)) {}

  // An error also if the plugin gave out other addresses than it was told to.
  Status Add(const Attachment& attachment) const;
  Status Delete(const Attachment& attachment) const;

 private:
  Result<std::string> Run(const std::string& command, const Attachment& attachment) const;

  Spec spec_;
};

}  // namespace sluice::conformance
