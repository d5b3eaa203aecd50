// ObjectEvents: which of the agent's findings become Events of the cluster, and on which nodes.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "agent/kube/event_sender.h"
#include "agent/pipeline/owner.h"
#include "agent/reconcile/desired_state.h"

namespace sluice {

// Pure. Whether a pod attached to this node depends on the object: it is the pod itself, or the
// policy or the Namespace of its namespace. Every node hears of every object; those without such a
// pod keep quiet.
bool ConcernsThisNode(const kube::ObjectRef& object, const store::ClusterStore& store);

// Pure. What to tell of an owner whose flows the switch refuses: one event for each policy that
// the rule comes from. Other owners are of no one object.
std::vector<kube::Event> EventsOfQuarantine(const pipeline::OwnerId& owner,
                                            const reconcile::DesiredState& desired);

class ObjectEvents {
 public:
  // `desired` is borrowed and outlives this.
  ObjectEvents(boost::asio::io_context& io, kube::EventSender::Spec spec,
               const reconcile::DesiredState& desired);

  // All complaints in force now.
  void TakeComplaints(const std::vector<kube::Complaint>& complaints);
  // Another pod is attached: what was of no concern may be now.
  void Attached();
  void Quarantined(const pipeline::OwnerId& owner);

 private:
  const reconcile::DesiredState& desired_;
  std::shared_ptr<kube::EventSender> sender_;
  std::vector<kube::Event> in_force_;
};

}  // namespace sluice
