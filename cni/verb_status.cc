#include <optional>
#include <string>

#include "cni/attachment_result.h"
#include "cni/verbs.h"

namespace sluice::cni {
namespace {

CniError CannotAttach(std::string why) {
  return MakeError(CniCode::kCannotAttach, "Sluice cannot attach pods", std::move(why));
}

}  // namespace

Answer<std::string> ReadinessOf(const Job& job) {
  Result<AgentConnection> agent = Connect(job);
  if (!agent.ok()) return CannotAttach(agent.error().message());
  const Result<Response> answer = Ask(job, *agent, MakeRequest(job.env, job.conf, {}));
  if (!answer.ok()) return CannotAttach(answer.error().message());
  if (!answer->ok()) return CannotAttach(answer->error().message());
  if (const std::optional<NotReady>& not_ready = answer->value().not_ready) {
    if (not_ready->concerns == NotReady::Concerns::kNewPods) return CannotAttach(not_ready->why);
    return MakeError(CniCode::kPodsCannotTalk,
                     "Sluice cannot attach pods, and those attached may have no connectivity",
                     not_ready->why);
  }
  if (const auto error = IpamRun(Ipam(job), Verb::kStatus)) return *error;
  return std::string();
}

}  // namespace sluice::cni
