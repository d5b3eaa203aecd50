#include "cni/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

namespace sluice::cni {
namespace {

using Clock = std::chrono::steady_clock;

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { Close(); }

  int get() const { return fd_; }
  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

Error SystemError(const std::string& call) { return Internal(call + ": " + std::strerror(errno)); }

// A file rather than a pipe: nothing blocks, whatever the program does with its input.
Status Fill(const Fd& file, std::string_view bytes) {
  if (file.get() < 0) return SystemError("memfd_create");
  while (!bytes.empty()) {
    const ssize_t written = write(file.get(), bytes.data(), bytes.size());
    if (written < 0) return SystemError("write to memfd");
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  if (lseek(file.get(), 0, SEEK_SET) < 0) return SystemError("lseek");
  return Ok();
}

struct Wiring {
  int input;
  int output;
};

Result<pid_t> Spawn(const ProgramSpec& spec, const Wiring& wiring) {
  std::vector<std::string> variables;
  for (const auto& [name, value] : spec.environment) variables.push_back(name + "=" + value);
  std::vector<char*> envp;
  for (std::string& variable : variables) envp.push_back(variable.data());
  envp.push_back(nullptr);
  std::string path = spec.path;
  std::array<char*, 2> argv{path.data(), nullptr};

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, wiring.input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, wiring.output, STDOUT_FILENO);
  pid_t child = 0;
  const int failed = posix_spawn(&child, path.c_str(), &actions, nullptr, argv.data(), envp.data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return Internal("run " + spec.path + ": " + std::strerror(failed));
  return child;
}

int MillisecondsUntil(Clock::time_point deadline) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, 3'600'000));
}

// Until every writer has closed it.
Result<std::string> ReadAll(const Fd& pipe, size_t limit, Clock::time_point deadline) {
  std::string output;
  std::array<char, 4096> chunk;
  while (true) {
    pollfd readable{.fd = pipe.get(), .events = POLLIN, .revents = 0};
    const int ready = poll(&readable, 1, MillisecondsUntil(deadline));
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return SystemError("poll");
    if (ready == 0) return Timeout("did not finish in time");
    const ssize_t got = read(pipe.get(), chunk.data(), chunk.size());
    if (got < 0) return SystemError("read output");
    if (got == 0) return output;
    output.append(chunk.data(), static_cast<size_t>(got));
    if (output.size() > limit) {
      return Invalid("printed more than " + std::to_string(limit) + " bytes");
    }
  }
}

// True if the child has ended by then. A kernel older than 5.3 has no pidfd: its children are
// waited for without a deadline, which only one that closed stdout and lingers can exploit.
bool EndedBy(pid_t child, Clock::time_point deadline) {
  const Fd handle(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
  if (handle.get() < 0) return true;
  pollfd ended{.fd = handle.get(), .events = POLLIN, .revents = 0};
  int ready = 0;
  do {
    ready = poll(&ended, 1, MillisecondsUntil(deadline));
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

int Reap(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Result<ProgramOutput> RunProgram(const ProgramSpec& spec) {
  const Clock::time_point deadline = Clock::now() + spec.timeout;
  const Fd input(memfd_create("stdin", MFD_CLOEXEC));
  SLUICE_RETURN_IF_ERROR(Fill(input, spec.input));
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return SystemError("pipe");
  const Fd output(ends[0]);
  Fd child_output(ends[1]);

  SLUICE_ASSIGN_OR_RETURN(const pid_t child,
                          Spawn(spec, {.input = input.get(), .output = child_output.get()}));
  child_output.Close();
  Result<std::string> text = ReadAll(output, spec.output_limit, deadline);
  if (text.ok() && !EndedBy(child, deadline)) text = Timeout("did not finish in time");
  if (!text.ok()) {
    kill(child, SIGKILL);
    Reap(child);
    return text.error();
  }
  return ProgramOutput{.exit_status = Reap(child), .output = std::move(text).value()};
}

}  // namespace sluice::cni
