#include "agent/object_events.h"

#include <algorithm>
#include <utility>

namespace sluice {

bool ConcernsThisNode(const kube::ObjectRef& object, const store::ClusterStore& store) {
  return std::ranges::any_of(store.endpoints(), [&object](const auto& endpoint) {
    const store::ObjectKey& pod = endpoint.second.endpoint.pod;
    switch (object.kind) {
      case store::ObjectKind::kPod:
        return pod == object.key;
      case store::ObjectKind::kNamespace:
        return pod.ns == object.key.name;
      case store::ObjectKind::kNetworkPolicy:
        return pod.ns == object.key.ns;
      case store::ObjectKind::kNode:
        return false;  // a node that cannot be understood has no routes; status says so
    }
    return false;
  });
}

std::vector<kube::Event> EventsOfQuarantine(const pipeline::OwnerId& owner,
                                            const reconcile::DesiredState& desired) {
  if (owner.category != pipeline::Category::kRule) return {};
  const policy::RuleId rule{static_cast<uint32_t>(owner.id.lo)};
  std::vector<kube::Event> events;
  const auto& rules = desired.policy().rules(static_cast<store::Direction>(owner.kind));
  for (const policy::RuleOrigin& origin : rules.OriginsOf(rule)) {
    events.push_back(
        {.object = {.kind = store::ObjectKind::kNetworkPolicy,
                    .key = origin.policy,
                    .uid = "",
                    .resource_version = ""},
         .reason = "PolicyRefusedBySwitch",
         .message = "NetworkPolicy " + origin.ToString() +
                    ": the switch refuses its flows; what depends on them stays closed"});
  }
  return events;
}

ObjectEvents::ObjectEvents(boost::asio::io_context& io, kube::EventSender::Spec spec,
                           const reconcile::DesiredState& desired)
    : desired_(desired), sender_(std::make_shared<kube::EventSender>(io, std::move(spec))) {}

void ObjectEvents::TakeComplaints(const std::vector<kube::Complaint>& complaints) {
  in_force_.clear();
  for (const kube::Complaint& complaint : complaints) {
    if (!complaint.object || complaint.object->key.name.empty()) continue;
    in_force_.push_back(kube::EventOf(complaint, *complaint.object));
  }
  Attached();
}

void ObjectEvents::Attached() {
  for (const kube::Event& event : in_force_) {
    if (ConcernsThisNode(event.object, desired_.store())) sender_->Tell(event);
  }
}

void ObjectEvents::Quarantined(const pipeline::OwnerId& owner) {
  for (kube::Event& event : EventsOfQuarantine(owner, desired_)) sender_->Tell(std::move(event));
}

}  // namespace sluice
