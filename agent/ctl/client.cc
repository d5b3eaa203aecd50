#include "agent/ctl/client.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sluice::ctl {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Error Failed(const std::string& what, const std::string& socket) {
  return Unavailable(what + " " + socket + ": " + std::strerror(errno));
}

}  // namespace

Result<std::string> Ask(const Question& question) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (question.socket.size() >= sizeof address.sun_path) {
    return Invalid("--socket: path too long: " + question.socket);
  }
  std::memcpy(address.sun_path, question.socket.c_str(), question.socket.size());
  const Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Failed("is sluice-agent running? connecting to", question.socket);
  }
  const std::string line = question.json + "\n";
  for (size_t sent = 0; sent < line.size();) {
    const ssize_t n = send(fd.get(), line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
    if (n < 0) return Failed("writing to", question.socket);
    sent += static_cast<size_t>(n);
  }
  std::string answer;
  char buffer[65536];
  while (answer.empty() || answer.back() != '\n') {
    const ssize_t n = recv(fd.get(), buffer, sizeof buffer, 0);
    if (n <= 0) return Failed("reading from", question.socket);
    answer.append(buffer, static_cast<size_t>(n));
  }
  answer.pop_back();
  return answer;
}

}  // namespace sluice::ctl
