#include "agent/ctl/unix_socket.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace sluice::ctl {
namespace {

// A daemon that is stopped or stuck must not hang whoever asks why.
constexpr timeval kPatience{.tv_sec = 20, .tv_usec = 0};

}  // namespace

Result<UnixSocket> UnixSocket::Connect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return Invalid("path too long: " + path);
  std::memcpy(address.sun_path, path.c_str(), path.size());
  UnixSocket connection(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), path);
  const int fd = connection.fd_;
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience) != 0 ||
      setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience) != 0 ||
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return connection.Failed("connecting to");
  }
  return connection;
}

UnixSocket::UnixSocket(UnixSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

UnixSocket::~UnixSocket() {
  if (fd_ >= 0) close(fd_);
}

Error UnixSocket::Failed(const std::string& what) const {
  return Unavailable(what + " " + path_ + ": " + std::strerror(errno));
}

Status UnixSocket::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Failed("writing to");
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return Ok();
}

Result<std::string> UnixSocket::Receive() {
  char buffer[65536];
  ssize_t n = 0;
  do {
    n = recv(fd_, buffer, sizeof buffer, 0);
  } while (n < 0 && errno == EINTR);
  if (n < 0) return Failed("reading from");
  if (n == 0) return Unavailable(path_ + ": closed by its other end");
  return std::string(buffer, static_cast<size_t>(n));
}

}  // namespace sluice::ctl
