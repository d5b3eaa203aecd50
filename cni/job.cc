#include "cni/job.h"

#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "cni/attachment_result.h"
#include "cni/graveyard.h"
#include "cni/tombstone.h"

namespace sluice::cni {
namespace {

// How long the agent may take: a runtime asks for STATUS all the time, and waits for it.
std::chrono::milliseconds Patience(const Job& job) {
  const Timeouts& timeouts = job.invocation.timeouts;
  return job.env.verb == Verb::kStatus ? timeouts.status : timeouts.agent;
}

AgentConnection::Deadline In(std::chrono::milliseconds wait) {
  return std::chrono::steady_clock::now() + wait;
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

Status CheckNamespace(const std::string& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) == 0) return Ok();
  return NotFound("CNI_NETNS " + Quoted(path) + ": " + std::strerror(errno));
}

}  // namespace

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
  return AgentConnection::Open(job.conf.agent_socket, In(Patience(job)));
}

Result<Response> Ask(const Job& job, AgentConnection& agent, Request request) {
  request.deadline = Patience(job);
  return agent.Call(request, In(request.deadline + job.invocation.timeouts.grace));
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

std::optional<CniError> Detach(const Job& job) {
  const Result<Response> answer = AskToDelete(job);
  if (answer.ok()) return DeletedOr(*answer);
  if (answer.error().code() != ErrorCode::kUnavailable) return AgentDown(answer.error());

  const std::string directory = TombstoneDirectory(job.conf.agent_socket);
  const AttachmentKey attachment{.container_id = job.env.container_id, .ifname = job.env.ifname};
  if (const Status buried = Bury(directory, attachment); !buried.ok()) {
    return MakeError(CniCode::kIoFailure,
                     "the Sluice agent is down, and no note can be left for it",
                     buried.error().message());
  }
  // An agent that came up meanwhile may have looked before the tombstone was there. One that comes
  // up from now on will see it.
  const Result<Response> again = AskToDelete(job);
  if (!again.ok()) return std::nullopt;
  if (again->ok()) (void)Exhume(directory, attachment);  // it would only be honoured once more
  return DeletedOr(*again);
}

}  // namespace sluice::cni
