#include <optional>
#include <string>
#include <vector>

#include "cni/attachment_result.h"
#include "cni/verbs.h"

namespace sluice::cni {
namespace {

// The agent's part, which comes first as in DEL. What could not be done goes to `errors`.
std::vector<AttachmentKey> RemoveStale(const Job& job, std::vector<CniError>& errors) {
  Result<AgentConnection> agent = Connect(job);
  if (!agent.ok()) {
    errors.push_back(AgentDown(agent.error()));
    return {};
  }
  const Result<Response> answer = Ask(job, *agent, MakeRequest(job.env, job.conf, {}));
  if (!answer.ok()) {
    errors.push_back(AgentDown(answer.error()));
    return {};
  }
  const char* const msg = "the Sluice agent could not remove what is stale";
  if (!answer->ok()) {
    errors.push_back(FromAgent(answer->error(), msg));
    return {};
  }
  const Collected collected = answer->value().collected.value_or(Collected{});
  if (!collected.left.empty()) {
    errors.push_back(MakeError(CniCode::kAgentFailed, msg, collected.left));
  }
  return collected.removed;
}

// As DEL of that attachment would have: many an IPAM plugin knows GC and does nothing.
std::optional<CniError> Release(const Job& job, const AttachmentKey& attachment) {
  Environment environment = job.invocation.environment;
  environment["CNI_CONTAINERID"] = attachment.container_id;
  environment["CNI_IFNAME"] = attachment.ifname;
  environment["CNI_NETNS"] = "";
  return IpamRun({.type = job.conf.ipam_type,
                  .environment = environment,
                  .configuration = job.invocation.input,
                  .timeout = job.invocation.timeouts.ipam},
                 Verb::kDel);
}

// The first error, with the others in its details.
CniError Together(const std::vector<CniError>& errors) {
  CniError all = errors.front();
  for (size_t i = 1; i < errors.size(); ++i) {
    all.details += (all.details.empty() ? "" : "; ") + errors[i].msg;
    if (!errors[i].details.empty()) all.details += ": " + errors[i].details;
  }
  return all;
}

}  // namespace

Answer<std::string> CollectGarbage(const Job& job) {
  std::vector<CniError> errors;
  for (const AttachmentKey& attachment : RemoveStale(job, errors)) {
    if (auto error = Release(job, attachment)) errors.push_back(*std::move(error));
  }
  if (auto error = IpamRun(Ipam(job), Verb::kGc)) errors.push_back(*std::move(error));
  if (!errors.empty()) return Together(errors);
  return std::string();
}

}  // namespace sluice::cni
