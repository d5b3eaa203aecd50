// NetworkNamespace: a network namespace held by a descriptor of this process alone: no name, no
// mount, nothing left behind when the process ends in whatever way.
#pragma once

#include <string>

#include "agent/netlink/netns.h"
#include "ofctl/base/result.h"

namespace sluice::conformance {

class NetworkNamespace {
 public:
  // A new one, its loopback up. Needs CAP_SYS_ADMIN.
  static Result<NetworkNamespace> Create();
  // That of the calling thread.
  static Result<NetworkNamespace> Current();

  // For other processes (CNI_NETNS), as long as this object lives.
  std::string path() const;
  // Moves the calling thread; its sockets stay where they were made. Threads and processes that it
  // starts begin there.
  Status Enter() const;

 private:
  explicit NetworkNamespace(netlink::FileDescriptor fd) : fd_(std::move(fd)) {}

  netlink::FileDescriptor fd_;
};

// Until the end of the block, the calling thread is in `there`. CHECKs that it gets back.
class Visit {
 public:
  Visit(const NetworkNamespace& there, const NetworkNamespace& home);
  ~Visit();
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

 private:
  const NetworkNamespace& home_;
};

}  // namespace sluice::conformance
