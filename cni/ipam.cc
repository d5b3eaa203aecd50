#include "cni/ipam.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "cni/process.h"
#include "cni/result_json.h"

namespace sluice::cni {
namespace {

constexpr size_t kOutputLimit = 1024 * 1024;

Result<std::string> FindProgram(const IpamCall& call) {
  if (call.type.empty()) return Invalid("ipam.type: required");
  if (call.type.find('/') != std::string::npos || call.type == "." || call.type == "..") {
    return Invalid("ipam.type: not the name of a plugin: " + Quoted(call.type));
  }
  const auto path = call.environment.find("CNI_PATH");
  std::string_view rest = path == call.environment.end() ? "" : std::string_view(path->second);
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(':'), rest.size());
    std::string candidate = std::string(rest.substr(0, end)) + "/" + call.type;
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return NotFound("ipam.type: no plugin " + Quoted(call.type) + " in CNI_PATH " +
                  (path == call.environment.end() ? "(not set)" : Quoted(path->second)));
}

Answer<std::string> Run(const IpamCall& call, Verb verb) {
  Result<std::string> program = FindProgram(call);
  if (!program.ok()) {
    return MakeError(CniCode::kInvalidNetworkConfig, "invalid network configuration",
                     program.error().message());
  }
  const std::string what =
      "IPAM plugin " + Quoted(call.type) + " failed on " + std::string(ToString(verb));
  Environment environment = call.environment;
  environment["CNI_COMMAND"] = std::string(ToString(verb));
  Result<ProgramOutput> ended = RunProgram({.path = std::move(program).value(),
                                            .environment = std::move(environment),
                                            .input = call.configuration,
                                            .output_limit = kOutputLimit,
                                            .timeout = call.timeout});
  if (!ended.ok()) return MakeError(CniCode::kIpamFailed, what, ended.error().message());
  if (ended->exit_status == 0) return std::move(ended->output);

  Result<CniError> own = ParseError(ended->output);
  if (own.ok()) return std::move(own).value();
  return MakeError(CniCode::kIpamFailed, what,
                   "exit status " + std::to_string(ended->exit_status) + " and no CNI error");
}

}  // namespace

Answer<AddResult> IpamAdd(const IpamCall& call) {
  const auto unusable = [&](const std::string& why) {
    return MakeError(CniCode::kIpamFailed,
                     "IPAM plugin " + Quoted(call.type) + " gave no usable result", why);
  };
  const Answer<std::string> output = Run(call, Verb::kAdd);
  if (const auto* error = std::get_if<CniError>(&output)) return *error;
  Result<AddResult> result = ParseAddResult(std::get<std::string>(output));
  if (!result.ok()) return unusable(result.error().message());
  if (result->ips.empty()) return unusable("no address");
  for (const Route& route : result->routes) {
    if (route.attribute.empty()) continue;
    return unusable("routes: Sluice sets no " + route.attribute + ", as " +
                    route.destination.ToString() + " has it");
  }
  return std::move(result).value();
}

std::optional<CniError> IpamRun(const IpamCall& call, Verb verb) {
  const Answer<std::string> output = Run(call, verb);
  if (const auto* error = std::get_if<CniError>(&output)) return *error;
  return std::nullopt;
}

}  // namespace sluice::cni
