#include "cni/commands.h"

#include <variant>

#include "cni/net_conf.h"
#include "cni/result_json.h"
#include "cni/verbs.h"

namespace sluice::cni {
namespace {

Answer<std::string> Run(const Invocation& invocation) {
  const Result<Env> env = ParseEnv(invocation.environment);
  if (!env.ok()) {
    return MakeError(CniCode::kInvalidEnvironment, "invalid CNI environment",
                     env.error().message());
  }
  if (env->verb == Verb::kVersion) return FormatVersions(PeekVersion(invocation.input));
  const Answer<NetConf> conf = ParseNetConf(env->verb, invocation.input);
  if (const auto* error = std::get_if<CniError>(&conf)) return *error;
  const Job job{.invocation = invocation, .env = *env, .conf = std::get<NetConf>(conf)};
  switch (env->verb) {
    case Verb::kAdd:
      return Add(job);
    case Verb::kDel:
      return Del(job);
    case Verb::kCheck:
      return Check(job);
    case Verb::kStatus:
      return ReadinessOf(job);
    case Verb::kGc:
    case Verb::kVersion:
      break;
  }
  return CollectGarbage(job);
}

}  // namespace

Outcome RunCommand(const Invocation& invocation) {
  const Answer<std::string> answer = Run(invocation);
  if (const auto* output = std::get_if<std::string>(&answer)) return {.output = *output};
  return {.exit_status = 1,
          .output = FormatError(std::get<CniError>(answer), PeekVersion(invocation.input))};
}

}  // namespace sluice::cni
