#include <optional>
#include <string>
#include <variant>

#include "cni/attachment_result.h"
#include "cni/verbs.h"

namespace sluice::cni {

Answer<std::string> Check(const Job& job) {
  if (const auto error = CheckTarget(job)) return *error;
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

}  // namespace sluice::cni
