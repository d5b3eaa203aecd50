#include <optional>
#include <string>
#include <variant>

#include "cni/attachment_result.h"
#include "cni/result_json.h"
#include "cni/verbs.h"

namespace sluice::cni {
namespace {

// ADD failed after addresses were asked for: gives them back. What made ADD fail is reported, not
// what may fail here; the runtime follows up with DEL.
CniError GiveBack(const Job& job, CniError error) {
  (void)IpamRun(Ipam(job), Verb::kDel);
  return error;
}

}  // namespace

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
  if (!answer->value().attached) {
    (void)Detach(job);
    return GiveBack(job, MakeError(CniCode::kAgentFailed, "the Sluice agent gave no result"));
  }
  return FormatResult(MakeResult(job.env, job.conf, addresses, *answer->value().attached),
                      job.conf.version);
}

}  // namespace sluice::cni
