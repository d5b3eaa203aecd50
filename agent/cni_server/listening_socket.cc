#include "agent/cni_server/listening_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sluice::cni_server {
namespace {

Error SystemError(const std::string& call) { return Internal(call + ": " + std::strerror(errno)); }

Status MakeDirectory(const std::string& path) {
  if (path.empty() || mkdir(path.c_str(), S_IRWXU) == 0 || errno == EEXIST) return Ok();
  const size_t slash = path.rfind('/');
  if (errno != ENOENT || slash == std::string::npos) return SystemError("mkdir " + path);
  SLUICE_RETURN_IF_ERROR(MakeDirectory(path.substr(0, slash)));
  if (mkdir(path.c_str(), S_IRWXU) == 0 || errno == EEXIST) return Ok();
  return SystemError("mkdir " + path);
}

int NewSocket() { return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

// Makes the path free, unless it is in use. A full queue (EAGAIN) is a sign of life.
Status RemoveStale(const std::string& path, const sockaddr_un& address) {
  struct stat found {};
  if (lstat(path.c_str(), &found) != 0)
    return errno == ENOENT ? Ok() : SystemError("lstat " + path);
  if (!S_ISSOCK(found.st_mode)) return Refused(path + " exists and is not a socket");
  const int probe = NewSocket();
  if (probe < 0) return SystemError("socket");
  const int connected = connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int why = errno;
  close(probe);
  if (connected == 0 || why == EAGAIN) return Refused("another agent listens on " + path);
  if (why != ECONNREFUSED) return Internal("probe " + path + ": " + std::strerror(why));
  if (unlink(path.c_str()) != 0) return SystemError("unlink " + path);
  return Ok();
}

Status BindAndListen(int fd, const std::string& path, const sockaddr_un& address) {
  // The mode of the socket before it is bound is the mode of the file, so that there is no moment
  // at which others could connect.
  if (fchmod(fd, S_IRUSR | S_IWUSR) != 0) return SystemError("fchmod");
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return SystemError("bind " + path);
  }
  if (listen(fd, SOMAXCONN) != 0) return SystemError("listen on " + path);
  return Ok();
}

}  // namespace

Result<int> OpenListeningSocket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return Invalid("a socket path has 1 to " + std::to_string(sizeof address.sun_path - 1) +
                   " bytes: " + path);
  }
  std::copy(path.begin(), path.end(), address.sun_path);
  if (const size_t slash = path.rfind('/'); slash != std::string::npos) {
    SLUICE_RETURN_IF_ERROR(MakeDirectory(path.substr(0, slash)));
  }
  SLUICE_RETURN_IF_ERROR(RemoveStale(path, address));
  const int fd = NewSocket();
  if (fd < 0) return SystemError("socket");
  if (const Status listening = BindAndListen(fd, path, address); !listening.ok()) {
    close(fd);
    return listening.error();
  }
  return fd;
}

}  // namespace sluice::cni_server
