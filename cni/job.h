// What the verbs share: one invocation, the IPAM plugin and the agent as it reaches them, and what
// their failures mean to the runtime.
#pragma once

#include <optional>
#include <string>

#include "cni/client.h"
#include "cni/commands.h"
#include "cni/env.h"
#include "cni/ipam.h"
#include "cni/net_conf.h"
#include "cni/protocol.h"
#include "cni/types.h"
#include "ofctl/base/result.h"

namespace sluice::cni {

struct Job {
  const Invocation& invocation;
  const Env& env;
  const NetConf& conf;
};

IpamCall Ipam(const Job& job);

// "shop/web"
std::string PodName(const Env& env);

Result<AgentConnection> Connect(const Job& job);
// The outer error says that there was no answer.
Result<Response> Ask(const Job& job, AgentConnection& agent, Request request);

// There was no answer.
CniError AgentDown(const Error& error);
// The answer was an error.
CniError FromAgent(const Error& error, std::string msg);

// ADD and CHECK: the pod is named and the network namespace exists.
std::optional<CniError> CheckTarget(const Job& job);

// Has the agent detach the container now, or leaves it a tombstone if it is down.
std::optional<CniError> Detach(const Job& job);

}  // namespace sluice::cni
