// AgentProcess: a real sluice-agent as a child, and what it says of itself on its status socket.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "ofctl/base/result.h"

namespace sluice::conformance {

class AgentProcess {
 public:
  struct Spec {
    std::string program;
    std::vector<std::string> arguments;
    std::string log;            // both its outputs
    std::string status_socket;  // as its arguments say
  };

  AgentProcess() = default;
  ~AgentProcess();  // kills it
  AgentProcess(const AgentProcess&) = delete;
  AgentProcess& operator=(const AgentProcess&) = delete;

  // Started in the network namespace of the calling thread, and killed when that thread ends.
  Status Start(Spec spec);

  struct Counts {
    uint64_t namespaces = 0;
    uint64_t pods = 0;  // on the pod network
    uint64_t policies = 0;
    uint64_t endpoints = 0;
  };
  struct Standing {
    bool in_sync = false;
    uint64_t revision = 0;
    Counts counts;
    std::vector<std::string> complaints;
  };
  // Unavailable, with its last words, if it has ended.
  Result<Standing> Ask();
  // Waits until it knows the pod and the switch holds all that follows from what it knows.
  Result<Standing> AwaitSynced(const std::string& pod);
  // The names of attached pods whose gate is closed.
  Result<std::vector<std::string>> ClosedPods();

  pid_t pid() const { return pid_; }

 private:
  Result<std::string> Query(const std::string& request);
  Result<bool> Knows(const std::string& pod);
  std::string LastWords() const;  // the end of its log

  Spec spec_;
  pid_t pid_ = -1;
};

}  // namespace sluice::conformance
