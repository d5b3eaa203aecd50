#include "agent/netlink/netns.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace sluice::netlink {
namespace {

std::string ErrnoText(int number) { return std::generic_category().message(number); }

Status Enter(const FileDescriptor& netns) {
  if (setns(netns.get(), CLONE_NEWNET) == 0) return Ok();
  if (errno == EINVAL) return Invalid("not a network namespace");
  return Refused("setns: " + ErrnoText(errno));
}

Result<std::pair<RtnlSocket, FileDescriptor>> Open() {
  SLUICE_ASSIGN_OR_RETURN(RtnlSocket rtnl, RtnlSocket::Open());
  FileDescriptor datagram(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (datagram.get() < 0) return Refused("socket: " + ErrnoText(errno));
  return std::pair(std::move(rtnl), std::move(datagram));
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) close(fd_);
}

FileDescriptor::FileDescriptor(FileDescriptor&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)) {}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Status RunInNetns(const FileDescriptor& netns, const std::function<Status()>& work) {
  Status done = Internal("thread did not run");
  try {
    std::thread([&] {
      done = Enter(netns);
      if (done.ok()) done = work();
    }).join();
  } catch (const std::system_error& failed) {
    return Unavailable(std::string("no thread to enter it: ") + failed.what());
  }
  return done;
}

Result<NetnsSockets> OpenNetns(const std::string& path) {
  const std::string what = "network namespace " + path;
  FileDescriptor netns(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (netns.get() < 0) {
    const std::string message = what + ": " + ErrnoText(errno);
    return errno == ENOENT ? NotFound(message) : Refused(message);
  }
  Result<std::pair<RtnlSocket, FileDescriptor>> opened = Internal("nothing opened");
  const Status entered = RunInNetns(netns, [&]() -> Status {
    opened = Open();
    return opened.ok() ? Ok() : Status(opened.error());
  });
  if (!entered.ok()) return entered.error().Context(what);
  return NetnsSockets{.netns = std::move(netns),
                      .rtnl = std::move(opened->first),
                      .ioctl = std::move(opened->second)};
}

}  // namespace sluice::netlink
