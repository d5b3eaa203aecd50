#include "tests/conformance/packets/network_namespace.h"

#include <fcntl.h>
#include <glog/logging.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>

namespace sluice::conformance {
namespace {

constexpr char kOfThread[] = "/proc/thread-self/ns/net";

Error Failed(const std::string& what) { return Unavailable(what + ": " + std::strerror(errno)); }

Status SetLoopbackUp() {
  const netlink::FileDescriptor control(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  if (ioctl(control.get(), SIOCSIFFLAGS, &request) != 0) return Failed("lo");
  return Ok();
}

}  // namespace

Result<NetworkNamespace> NetworkNamespace::Create() {
  std::optional<Result<NetworkNamespace>> created;
  std::thread([&] {
    if (unshare(CLONE_NEWNET) != 0) {
      created = Failed("cannot make a network namespace (root with CAP_SYS_ADMIN is needed)");
    } else if (const Status up = SetLoopbackUp(); !up.ok()) {
      created = up.error();
    } else {
      created = Current();
    }
  }).join();
  return *std::move(created);
}

Result<NetworkNamespace> NetworkNamespace::Current() {
  netlink::FileDescriptor fd(open(kOfThread, O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return Failed(kOfThread);
  return NetworkNamespace(std::move(fd));
}

std::string NetworkNamespace::path() const {
  return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(fd_.get());
}

Status NetworkNamespace::Enter() const {
  if (setns(fd_.get(), CLONE_NEWNET) != 0) return Failed("setns");
  return Ok();
}

Visit::Visit(const NetworkNamespace& there, const NetworkNamespace& home) : home_(home) {
  const Status entered = there.Enter();
  CHECK(entered.ok()) << entered.error().message();
}

Visit::~Visit() {
  const Status returned = home_.Enter();
  CHECK(returned.ok()) << returned.error().message();
}

}  // namespace sluice::conformance
