// The plugin's side of the connection to the agent: blocking, with one deadline.
#pragma once

#include <chrono>
#include <string>

#include "cni/protocol.h"
#include "ofctl/base/result.h"

namespace sluice::cni {

class AgentConnection {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  // Unavailable if nobody listens on `socket_path`; Timeout if the agent's queue stayed full.
  static Result<AgentConnection> Open(const std::string& socket_path, Deadline deadline);

  AgentConnection(AgentConnection&& other) noexcept;
  AgentConnection& operator=(AgentConnection&&) = delete;
  ~AgentConnection();

  // Sends the request and waits for the response; one call per connection. The outer error says
  // that there was none: Timeout, Unavailable if the agent went away, Invalid for garbage.
  Result<Response> Call(const Request& request, Deadline deadline);

 private:
  AgentConnection(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  Status Send(std::string_view bytes, Deadline deadline);
  Result<std::string> Receive(size_t length, Deadline deadline);
  Error Failure(const std::string& what) const;

  int fd_;
  std::string path_;
};

}  // namespace sluice::cni
