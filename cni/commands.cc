#include "cni/commands.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "cni/attachment_result.h"
#include "cni/client.h"
#include "cni/graveyard.h"
#include "cni/ipam.h"
#include "cni/tombstone.h"
#include "cni/types.h"

namespace sluice::cni {
namespace {

struct Job {
  const Invocation& invocation;
  const Env& env;
  const NetConf& conf;
};

AgentConnection::Deadline In(std::chrono::milliseconds wait) {
  return std::chrono::steady_clock::now() + wait;
}

IpamCall Ipam(const Job& job) {
  return {.type = job.conf.ipam_type,
          .environment = job.invocation.environment,
          .configuration = job.invocation.input,
          .timeout = job.invocation.timeouts.ipam};
}

std::string PodName(const Env& env) { return env.pod.ns + "/" + env.pod.name; }

CniError AgentDown(const Error& error) {
  return MakeError(CniCode::kTryAgainLater, "the Sluice agent does not answer", error.message());
}

CniError FromAgent(const Error& error, std::string msg) {
  switch (error.code()) {
    case ErrorCode::kUnavailable:
    case ErrorCode::kTimeout:
      return MakeError(CniCode::kTryAgainLater, std::move(msg), error.message());
    case ErrorCode::kInvalid:
      return MakeError(CniCode::kInvalidNetworkConfig, std::move(msg), error.message());
    case ErrorCode::kUnsupported:
    case ErrorCode::kNotFound:
    case ErrorCode::kRefused:
    case ErrorCode::kInternal:
      break;
  }
  return MakeError(CniCode::kAgentFailed, std::move(msg), error.message());
}

Result<AgentConnection> Connect(const Job& job) {
  return AgentConnection::Open(job.conf.agent_socket, In(job.invocation.timeouts.agent));
}

// The outer error says that there was no answer.
Result<Response> Ask(const Job& job, AgentConnection& agent, Request request) {
  const Timeouts& timeouts = job.invocation.timeouts;
  request.deadline = timeouts.agent;
  return agent.Call(request, In(timeouts.agent + timeouts.grace));
}

Result<Response> AskToDelete(const Job& job) {
  Result<AgentConnection> agent = Connect(job);
  if (!agent.ok()) return agent.error();
  Request request = MakeRequest(job.env, job.conf, {});
  request.verb = Verb::kDel;
  return Ask(job, *agent, std::move(request));
}

std::optional<CniError> DeletedOr(const Response& response) {
  if (response.ok()) return std::nullopt;
  return FromAgent(response.error(), "the Sluice agent could not detach the container");
}

// Has the agent detach the container now, or leaves it a tombstone if it is down.
std::optional<CniError> Detach(const Job& job) {
  const Result<Response> answer = AskToDelete(job);
  if (answer.ok()) return DeletedOr(*answer);
  if (answer.error().code() != ErrorCode::kUnavailable) return AgentDown(answer.error());

  const std::string directory = TombstoneDirectory(job.conf.agent_socket);
  const Tombstone tombstone{.container_id = job.env.container_id, .ifname = job.env.ifname};
  if (const Status buried = Bury(directory, tombstone); !buried.ok()) {
    return MakeError(CniCode::kIoFailure,
                     "the Sluice agent is down, and no note can be left for it",
                     buried.error().message());
  }
  // An agent that came up meanwhile may have looked before the tombstone was there. One that comes
  // up from now on will see it.
  const Result<Response> again = AskToDelete(job);
  if (!again.ok()) return std::nullopt;
  if (again->ok()) (void)Exhume(directory, tombstone);  // it would only be honoured once more
  return DeletedOr(*again);
}

// ADD failed after addresses were asked for: gives them back. What made ADD fail is reported, not
// what may fail here; the runtime follows up with DEL.
CniError GiveBack(const Job& job, CniError error) {
  (void)IpamRun(Ipam(job), Verb::kDel);
  return error;
}

Status CheckNamespace(const std::string& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) == 0) return Ok();
  return NotFound("CNI_NETNS " + Quoted(path) + ": " + std::strerror(errno));
}

std::optional<CniError> CheckTarget(const Job& job) {
  if (job.env.pod.ns.empty() || job.env.pod.name.empty()) {
    return MakeError(CniCode::kInvalidEnvironment, "Sluice needs to know the pod",
                     "CNI_ARGS must have K8S_POD_NAMESPACE and K8S_POD_NAME");
  }
  if (const Status netns = CheckNamespace(job.env.netns); !netns.ok()) {
    return MakeError(CniCode::kUnknownContainer, "no such container", netns.error().message());
  }
  return std::nullopt;
}

Answer<std::string> Add(const Job& job) {
  if (const auto error = CheckTarget(job)) return *error;
  // First of all, so that nothing is allocated for an agent that is not there.
  Result<AgentConnection> agent = Connect(job);
  if (!agent.ok()) return AgentDown(agent.error());

  const Answer<AddResult> allocated = IpamAdd(Ipam(job));
  if (const auto* error = std::get_if<CniError>(&allocated)) return GiveBack(job, *error);
  const AddResult& addresses = std::get<AddResult>(allocated);

  const Result<Response> answer = Ask(job, *agent, MakeRequest(job.env, job.conf, addresses));
  if (!answer.ok()) {
    // It may still finish: the addresses are given back only after it was told to let go.
    (void)Detach(job);
    return GiveBack(job, AgentDown(answer.error()));
  }
  if (!answer->ok()) {
    return GiveBack(job, FromAgent(answer->error(), "cannot attach pod " + PodName(job.env)));
  }
  if (!answer->value()) {
    (void)Detach(job);
    return GiveBack(job, MakeError(CniCode::kAgentFailed, "the Sluice agent gave no result"));
  }
  return FormatResult(MakeResult(job.env, job.conf, addresses, *answer->value()), job.conf.version);
}

// Both parts are always tried, the agent's first: an address that is free again must not have flows
// of its former pod.
Answer<std::string> Del(const Job& job) {
  const std::optional<CniError> detached = Detach(job);
  const std::optional<CniError> released = IpamRun(Ipam(job), Verb::kDel);
  if (detached) return *detached;
  if (released) return *released;
  return std::string();
}

Answer<std::string> Check(const Job& job) {
  if (job.conf.version == SpecVersion::k031) {
    return MakeError(CniCode::kIncompatibleVersion, "cniVersion 0.3.1 has no CHECK");
  }
  if (const auto error = CheckTarget(job)) return *error;
  if (!job.conf.previous) {
    return MakeError(CniCode::kInvalidNetworkConfig, "invalid network configuration",
                     "prevResult: required for CHECK");
  }
  const AddResult own = OwnPart(job.env, *job.conf.previous);
  if (own.ips.empty()) {
    return MakeError(CniCode::kInvalidNetworkConfig, "invalid network configuration",
                     "prevResult: no address of interface " + Quoted(job.env.ifname));
  }
  Result<AgentConnection> agent = Connect(job);
  if (!agent.ok()) return AgentDown(agent.error());
  if (const auto error = IpamRun(Ipam(job), Verb::kCheck)) return *error;
  const Result<Response> answer = Ask(job, *agent, MakeRequest(job.env, job.conf, own));
  if (!answer.ok()) return AgentDown(answer.error());
  if (answer->ok()) return std::string();
  CniError error = FromAgent(answer->error(), "pod " + PodName(job.env) + " is not as attached");
  if (error.code != static_cast<uint32_t>(CniCode::kTryAgainLater)) {
    error.code = static_cast<uint32_t>(CniCode::kCheckFailed);
  }
  return error;
}

Answer<std::string> Run(const Invocation& invocation) {
  const Result<Env> env = ParseEnv(invocation.environment);
  if (!env.ok()) {
    return MakeError(CniCode::kInvalidEnvironment, "invalid CNI environment",
                     env.error().message());
  }
  if (env->verb == Verb::kVersion) return FormatVersions(PeekVersion(invocation.input));
  const Answer<NetConf> conf = ParseNetConf(invocation.input);
  if (const auto* error = std::get_if<CniError>(&conf)) return *error;
  const Job job{.invocation = invocation, .env = *env, .conf = std::get<NetConf>(conf)};
  switch (env->verb) {
    case Verb::kAdd:
      return Add(job);
    case Verb::kDel:
      return Del(job);
    case Verb::kCheck:
    case Verb::kVersion:
      break;
  }
  return Check(job);
}

}  // namespace

Outcome RunCommand(const Invocation& invocation) {
  const Answer<std::string> answer = Run(invocation);
  if (const auto* output = std::get_if<std::string>(&answer)) return {.output = *output};
  return {.exit_status = 1,
          .output = FormatError(std::get<CniError>(answer), PeekVersion(invocation.input))};
}

}  // namespace sluice::cni
