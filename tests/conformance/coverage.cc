#include "tests/conformance/coverage.h"

namespace sluice::conformance {
namespace {

using store::Direction;

std::optional<std::string> RefusalFor(const policy::PolicyEngine& engine,
                                      const store::ClusterStore& store, const End& subject,
                                      Direction direction) {
  if (!subject.pod) return std::nullopt;
  const store::PodState* pod = store.FindPod(*subject.pod);
  if (pod == nullptr) return std::nullopt;
  const std::string rules = "spec." + std::string(store::ToString(direction)) + "[";
  for (const policy::PolicyRefusal& refused : engine.Refusals()) {
    const auto policy = store.policies().find(refused.policy);
    if (policy == store.policies().end() || refused.policy.ns != pod->key.ns) continue;
    if (!policy->second->pod_selector.Matches(*pod->labels)) continue;
    if (refused.refusal.field.starts_with(rules)) return "rule refused, " + refused.refusal.message;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> NotCovered(const End& source, const End& destination,
                                      const Service& service) {
  if (service.protocol == store::Protocol::kSctp) return "SCTP probe";
  if (!source.ip.is_v4() || !destination.ip.is_v4()) return "IPv6 probe";
  return std::nullopt;
}

std::optional<std::string> WhyTooClosed(const Stage& stage, const std::vector<End>& ends,
                                        const Table& table, const Cell& cell) {
  const policy::PolicyEngine& engine = stage.desired().policy();
  const store::ClusterStore& store = stage.desired().store();
  const policy::Verdict verdict = engine.Judge(ConnectionOf(ends, table.service, cell));
  std::optional<std::string> reason;
  if (table.view != View::kIngress && !verdict.egress.allowed()) {
    reason = RefusalFor(engine, store, ends[cell.source], Direction::kEgress);
    if (!reason) return std::nullopt;
  }
  if (table.view != View::kEgress && !verdict.ingress.allowed()) {
    return RefusalFor(engine, store, ends[cell.destination], Direction::kIngress);
  }
  return reason;
}

}  // namespace sluice::conformance
