#include "agent/netlink/sysctl.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "agent/netlink/netns.h"

namespace sluice::netlink {
namespace {

Error Failed(const Sysctl& sysctl) {
  const std::string message =
      "sysctl " + sysctl.path + ": " + std::generic_category().message(errno);
  return errno == ENOENT ? NotFound(message) : Refused(message);
}

}  // namespace

Status SetSysctl(const Sysctl& sysctl) {
  const std::string path = "/proc/sys/" + sysctl.path;
  const FileDescriptor reader(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (reader.get() < 0) return Failed(sysctl);
  std::array<char, 64> text;
  const ssize_t count = read(reader.get(), text.data(), text.size());
  if (count < 0) return Failed(sysctl);
  if (std::string_view(text.data(), static_cast<size_t>(count)) == sysctl.value + "\n") return Ok();

  const FileDescriptor writer(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (writer.get() < 0) return Failed(sysctl);
  const ssize_t written = write(writer.get(), sysctl.value.data(), sysctl.value.size());
  if (written != static_cast<ssize_t>(sysctl.value.size())) return Failed(sysctl);
  return Ok();
}

}  // namespace sluice::netlink
