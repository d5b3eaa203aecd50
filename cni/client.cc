#include "cni/client.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace sluice::cni {
namespace {

// Bounds the next blocking call, connect included (unix(7) honours SO_SNDTIMEO there). Zero would
// mean "for ever", so that a deadline that has passed becomes the shortest wait.
Status LimitWait(int fd, AgentConnection::Deadline deadline) {
  using std::chrono::microseconds;
  const auto left =
      std::chrono::duration_cast<microseconds>(deadline - std::chrono::steady_clock::now());
  if (left.count() <= 0) return Timeout("no time left");
  const timeval wait{.tv_sec = left.count() / 1'000'000, .tv_usec = left.count() % 1'000'000};
  for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO}) {
    if (setsockopt(fd, SOL_SOCKET, option, &wait, sizeof wait) != 0) {
      return Internal(std::string("setsockopt: ") + std::strerror(errno));
    }
  }
  return Ok();
}

}  // namespace

AgentConnection::AgentConnection(AgentConnection&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

AgentConnection::~AgentConnection() {
  if (fd_ >= 0) close(fd_);
}

Error AgentConnection::Failure(const std::string& what) const {
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINPROGRESS) {
    return Timeout(what + " " + path_ + ": no answer in time");
  }
  return Unavailable(what + " " + path_ + ": " + std::strerror(errno));
}

Result<AgentConnection> AgentConnection::Open(const std::string& socket_path, Deadline deadline) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.size() >= sizeof address.sun_path) {
    return Invalid("socket path longer than " + std::to_string(sizeof address.sun_path - 1) +
                   " bytes: " + Quoted(socket_path));
  }
  std::copy(socket_path.begin(), socket_path.end(), address.sun_path);

  AgentConnection connection(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), socket_path);
  if (connection.fd_ < 0) return Internal(std::string("socket: ") + std::strerror(errno));
  SLUICE_RETURN_IF_ERROR(LimitWait(connection.fd_, deadline));
  if (connect(connection.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return connection.Failure("connect");
  }
  return connection;
}

Result<Response> AgentConnection::Call(const Request& request, Deadline deadline) {
  SLUICE_RETURN_IF_ERROR(Send(Frame(EncodeRequest(request)), deadline));
  SLUICE_ASSIGN_OR_RETURN(const std::string prefix, Receive(sizeof(FrameHeader), deadline));
  FrameHeader header;
  std::copy(prefix.begin(), prefix.end(), header.begin());
  Result<uint32_t> length = FrameLength(header);
  if (!length.ok()) return length.error().Context("response of " + path_);
  SLUICE_ASSIGN_OR_RETURN(const std::string body, Receive(*length, deadline));
  Result<Response> response = DecodeResponse(body);
  if (!response.ok()) return response.error().Context("response of " + path_);
  return response;
}

Status AgentConnection::Send(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    SLUICE_RETURN_IF_ERROR(LimitWait(fd_, deadline));
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return Failure("send to");
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return Ok();
}

Result<std::string> AgentConnection::Receive(size_t length, Deadline deadline) {
  std::string bytes(length, '\0');
  size_t filled = 0;
  while (filled < length) {
    if (const Status time = LimitWait(fd_, deadline); !time.ok()) {
      return time.error().Context("receive from " + path_);
    }
    const ssize_t got = recv(fd_, bytes.data() + filled, length - filled, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failure("receive from");
    if (got == 0) return Unavailable("the agent closed " + path_ + " without an answer");
    filled += static_cast<size_t>(got);
  }
  return bytes;
}

}  // namespace sluice::cni
