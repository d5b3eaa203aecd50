#include "tests/integration/netlink/test_namespace.h"

#include <fcntl.h>
#include <glog/logging.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <thread>

namespace sluice::netlink {

void EnterFreshHost() {
  PCHECK(unshare(CLONE_NEWNET) == 0) << "unshare (these tests need root)";
  RunOnHost("ip link set lo up");
}

TestNamespace::TestNamespace() {
  std::thread([this] {
    PCHECK(unshare(CLONE_NEWNET) == 0) << "unshare (these tests need root)";
    fd_.emplace(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  }).join();
  PCHECK(fd_->get() >= 0);
}

std::string TestNamespace::path() const {
  return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(fd_->get());
}

std::string TestNamespace::Run(const std::string& command) const {
  return RunOnHost("nsenter --net=" + path() + " " + command);
}

std::string RunOnHost(const std::string& command) {
  FILE* pipe = popen((command + " 2>&1").c_str(), "re");
  PCHECK(pipe != nullptr) << command;
  std::string output;
  std::array<char, 4096> chunk;
  size_t count = 0;
  while ((count = fread(chunk.data(), 1, chunk.size(), pipe)) > 0) {
    output.append(chunk.data(), count);
  }
  pclose(pipe);
  return output;
}

}  // namespace sluice::netlink
