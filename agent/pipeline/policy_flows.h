// PolicyFlows: classes and rules as flows. Pure functions of what the engine holds now.
//
// A rule is a conjunction of up to three dimensions: subject class, peer class, service. One that
// says "any" is left out; with only the subject left the rule is a plain flow, because
// conjunction(id, 1/1) is refused by the switch.
#pragma once

#include "agent/pipeline/owner.h"
#include "agent/pipeline/static_flows.h"
#include "agent/policy/policy_engine.h"

namespace sluice::pipeline {

// The prefix's stamp: ct_nw_src (or ct_nw_dst) → class register.
OwnedFlows RenderAddress(const policy::PolicyEngine& engine, policy::Side side, const Cidr& prefix);

// The class as subject (its rules, its isolation) and as peer.
OwnedFlows RenderClass(const policy::PolicyEngine& engine, policy::Side side, policy::ClassId id);

// The decision of a complete conjunction.
OwnedFlows RenderRule(const policy::PolicyEngine& engine, store::Direction direction,
                      policy::RuleId id);

// The service dimension of every rule that has it, once a family.
OwnedFlows RenderService(const policy::PolicyEngine& engine, store::Direction direction,
                         const policy::ServiceMatch& service, SctpPorts sctp);

// Everything that `changes` touches, and only that.
std::vector<OwnedFlows> RenderChanges(const policy::PolicyEngine& engine,
                                      const policy::PolicyChanges& changes, SctpPorts sctp);

}  // namespace sluice::pipeline
