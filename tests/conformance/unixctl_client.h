// UnixctlClient: asks a running ovs-vswitchd what ovs-appctl would ask it, over one connection that
// stays open (ovs-appctl(8); JSON-RPC 1.0 over a Unix socket, as RFC 7047 frames it).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ofctl/base/result.h"

namespace sluice::conformance {

struct UnixctlCall {
  std::string method;  // "ofproto/trace"
  std::vector<std::string> parameters;
};

class UnixctlClient {
 public:
  UnixctlClient() = default;
  ~UnixctlClient();
  UnixctlClient(const UnixctlClient&) = delete;
  UnixctlClient& operator=(const UnixctlClient&) = delete;

  Status Connect(const std::string& socket_path);

  // The answers, in the order of the calls. Blocks; a few calls are under way at any time. The
  // first one the daemon refuses ends it all.
  Result<std::vector<std::string>> Call(const std::vector<UnixctlCall>& calls);

 private:
  Status Send(const UnixctlCall& call);
  Result<std::string> Receive();

  int socket_ = -1;
  uint64_t sent_ = 0;
  uint64_t received_ = 0;
  std::string buffered_;  // received, and not read up to buffered_at_
  size_t buffered_at_ = 0;
};

}  // namespace sluice::conformance
