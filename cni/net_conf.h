// The network configuration on stdin, as far as Sluice uses it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cni/env.h"
#include "cni/types.h"

namespace sluice::cni {

struct NetConf {
  SpecVersion version = SpecVersion::k110;
  std::string name;
  std::string type;
  std::string ipam_type;  // empty: none given
  Dns dns;
  uint32_t mtu = 1500;  // bytes
  std::string agent_socket = "/run/sluice/cni.sock";
  std::optional<AddResult> previous;             // prevResult; CHECK alone asks for it
  std::vector<AttachmentKey> valid_attachments;  // cni.dev/valid-attachments; GC alone
};

// What `verb` asks for is read strictly, what it does not use is left alone: DEL must not fail over
// a broken prevResult. Errors are code 6 for text that is not JSON or has a wrong type, 1 for a
// cniVersion that is not supported or is too old for the verb, 2 for a capability that Sluice
// cannot serve, 7 for a value that cannot be.
Answer<NetConf> ParseNetConf(Verb verb, std::string_view text);

}  // namespace sluice::cni
