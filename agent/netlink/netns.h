// Sockets inside another network namespace, for use from this one.
#pragma once

#include <functional>
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

// Runs `work` in the namespace, on a thread of its own, and waits for it: what reads /proc/sys/net
// sees the namespace of its thread.
Status RunInNetns(const FileDescriptor& netns, const std::function<Status()>& work);

// A thread of its own enters the namespace (setns(2) is per thread) and opens them; the calling
// thread never leaves its own. NotFound, naming the path, if there is none.
Result<NetnsSockets> OpenNetns(const std::string& path);

}  // namespace sluice::netlink
