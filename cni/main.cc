// sluice: the CNI plugin. Environment and stdin in, stdout and exit status out.
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>

#include "cni/commands.h"

namespace {

constexpr size_t kLargestConfiguration = 1024 * 1024;  // bytes; what is beyond makes it no JSON

sluice::cni::Environment ReadEnvironment() {
  sluice::cni::Environment environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

std::string ReadInput() {
  std::string input;
  std::array<char, 4096> chunk;
  while (input.size() < kLargestConfiguration) {
    const ssize_t got = read(STDIN_FILENO, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    input.append(chunk.data(), static_cast<size_t>(got));
  }
  return input;
}

void WriteOutput(std::string_view output) {
  while (!output.empty()) {
    const ssize_t written = write(STDOUT_FILENO, output.data(), output.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // nobody listens, and stdout is all we have
    output.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace

int main() {
  sluice::cni::Outcome outcome = sluice::cni::RunCommand(
      {.environment = ReadEnvironment(), .input = ReadInput(), .timeouts = {}});
  if (!outcome.output.empty()) outcome.output += '\n';
  WriteOutput(outcome.output);
  return outcome.exit_status;
}
