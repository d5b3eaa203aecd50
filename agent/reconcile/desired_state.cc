#include "agent/reconcile/desired_state.h"

#include <glog/logging.h>

#include <algorithm>

#include "agent/pipeline/endpoint_flows.h"
#include "agent/pipeline/policy_flows.h"

namespace sluice::reconcile {

using pipeline::OwnedFlows;
using pipeline::OwnerId;
using policy::Side;

DesiredState::DesiredState(const pipeline::NodePorts& node) : node_(node), policy_(store_) {
  Put(pipeline::RenderStatic(node_.sctp));
  Put(pipeline::RenderNode(node_));
}

void DesiredState::Apply(const std::vector<store::StoreEvent>& events) {
  for (const store::StoreEvent& event : events) Feed(store_.Apply(event));
  Render();
}

void DesiredState::PutEndpoint(const store::Endpoint& endpoint) {
  Feed(store_.PutEndpoint(endpoint));
  Render();
}

void DesiredState::RemoveEndpoint(const store::AttachmentId& id) {
  Feed(store_.RemoveEndpoint(id));
  Render();
}

void DesiredState::SetNode(const pipeline::NodePorts& node) {
  if (node == node_) return;
  CHECK(node.sctp == node_.sctp) << "no bridge changes its datapath";
  node_ = node;
  Put(pipeline::RenderNode(node_));
  for (const auto& [id, state] : store_.endpoints()) stale_endpoints_.insert(id);
  Render();
}

void DesiredState::Feed(const store::StoreDelta& delta) {
  policy_.Apply(delta);
  stale_endpoints_.insert(delta.endpoints.begin(), delta.endpoints.end());
}

void DesiredState::Render() {
  for (OwnedFlows& owned : pipeline::RenderChanges(policy_, policy_.TakeChanges(), node_.sctp)) {
    Put(std::move(owned));
  }
  if (!quarantined_.empty()) {
    // Which classes an endpoint's addresses are in may have changed.
    for (const auto& [id, state] : store_.endpoints()) stale_endpoints_.insert(id);
  }
  for (const store::AttachmentId& id : std::exchange(stale_endpoints_, {})) RenderEndpoint(id);
}

void DesiredState::RenderEndpoint(const store::AttachmentId& id) {
  const store::EndpointState* known = store_.FindEndpoint(id);
  store::EndpointState state = known != nullptr ? *known : store::EndpointState{};
  state.endpoint.id = id;
  if (known == nullptr || MustStayClosed(state.endpoint)) state.gate = store::Gate::kClosed;
  Put(pipeline::RenderEndpoint(state, node_));
}

void DesiredState::Put(OwnedFlows owned) {
  if (quarantined_.contains(owned.owner)) owned.flows.clear();
  flows_.Set(std::move(owned));
}

bool DesiredState::LiesInMorePermittedPrefix(const OwnerId& address) const {
  const policy::AddressClasses& classes = policy_.classes(static_cast<Side>(address.kind));
  const auto predicates_of = [&classes](const Cidr& prefix) {
    const auto stamp = classes.StampOf(prefix);
    const auto* predicates = stamp ? classes.PredicatesOfClass(*stamp) : nullptr;
    return predicates != nullptr ? *predicates : policy::PredicateSet{};
  };
  const Cidr prefix = pipeline::PrefixOf(address);
  const policy::PredicateSet own = predicates_of(prefix);
  for (uint8_t length = 0; length < prefix.length(); ++length) {
    const policy::PredicateSet around = predicates_of(Cidr::Of(prefix.network(), length));
    if (!std::includes(own.begin(), own.end(), around.begin(), around.end())) return true;
  }
  return false;
}

bool DesiredState::MustStayClosed(const store::Endpoint& endpoint) const {
  for (const OwnerId& owner : quarantined_) {
    if (owner.category == pipeline::Category::kAddress && LiesInMorePermittedPrefix(owner)) {
      return true;
    }
  }
  for (const IpAddress& ip : endpoint.ips) {
    for (const Side side : {Side::kSource, Side::kDestination}) {
      const policy::ClassId of = policy_.classes(side).ClassOf(ip);
      if (quarantined_.contains(pipeline::AddressOwner(side, Cidr::Host(ip))) ||
          quarantined_.contains(pipeline::ClassOwner(side, of))) {
        return true;
      }
    }
  }
  return false;
}

void DesiredState::Quarantine(const OwnerId& owner) {
  quarantined_.insert(owner);
  Put({owner, {}});
  Render();
}

void DesiredState::Pardon() {
  const std::set<OwnerId> pardoned = std::exchange(quarantined_, {});
  if (pardoned.empty()) return;
  policy::PolicyChanges again;
  const auto side_of = [&](const OwnerId& owner) -> auto& { return again.sides[owner.kind]; };
  for (const OwnerId& owner : pardoned) {
    const auto number = static_cast<uint32_t>(owner.id.lo);
    switch (owner.category) {
      case pipeline::Category::kStatic:
        Put(pipeline::RenderStatic(node_.sctp));
        break;
      case pipeline::Category::kNode:
        Put(pipeline::RenderNode(node_));
        break;
      case pipeline::Category::kEndpoint:
        break;  // all endpoints are rendered below
      case pipeline::Category::kAddress:
        side_of(owner).entries.push_back(pipeline::PrefixOf(owner));
        break;
      case pipeline::Category::kClass:
        side_of(owner).classes.push_back({number});
        break;
      case pipeline::Category::kRule:
        again.directions[owner.kind].rules.push_back({number});
        break;
      case pipeline::Category::kService:
        again.directions[owner.kind].services.push_back(pipeline::ServiceOf(owner));
        break;
    }
  }
  for (OwnedFlows& owned : pipeline::RenderChanges(policy_, again, node_.sctp))
    Put(std::move(owned));
  for (const auto& [id, state] : store_.endpoints()) stale_endpoints_.insert(id);
  Render();
}

}  // namespace sluice::reconcile
