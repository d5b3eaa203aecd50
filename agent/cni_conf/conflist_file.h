// The file by which a container runtime knows that pods can be attached on this node. It is never
// removed: while the agent is away the node stays Ready, and what is asked of the plugin waits.
#pragma once

#include <string>
#include <vector>

#include "agent/cni_conf/conflist.h"
#include "ofctl/base/result.h"

namespace sluice::cni_conf {

constexpr char kFileName[] = "10-sluice.conflist";

struct ConflistFile {
  std::string directory;  // the runtime's, such as /etc/cni/net.d
  std::string template_file;
};

// Takes the place of another content by rename; the same content is not written again. Errors name
// the file.
Status EnsureConflist(const ConflistFile& file, const std::vector<AddressRange>& ranges);

}  // namespace sluice::cni_conf
