// Sockets inside another network namespace, for use from this one.
#pragma once

#include <string>

#include "agent/netlink/rtnl.h"
#include "ofctl/base/result.h"

namespace sluice::netlink {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor();
  FileDescriptor(FileDescriptor&& other) noexcept;
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;

  int get() const { return fd_; }

 private:
  int fd_;
};

struct NetnsSockets {
  FileDescriptor netns;  // keeps the namespace alive, and names it to the kernel
  RtnlSocket rtnl;
  FileDescriptor ioctl;  // a datagram socket, for netdevice(7) requests
};

// A thread of its own enters the namespace (setns(2) is per thread) and opens them; the calling
// thread never leaves its own. NotFound, naming the path, if there is none.
Result<NetnsSockets> OpenNetns(const std::string& path);

}  // namespace sluice::netlink
