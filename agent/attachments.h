// Attachments: the steps of the CNI verbs, done with the agent's own parts.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>

#include "agent/cni_server/steps.h"
#include "agent/netlink/pod_network.h"
#include "agent/options.h"
#include "agent/ovsdb/switch_database.h"
#include "agent/pod_waiters.h"
#include "agent/reconcile/desired_state.h"
#include "agent/reconcile/flow_reconciler.h"

namespace sluice {

class Attachments : public cni_server::AttachSteps {
 public:
  // Everything is borrowed from Agent.
  struct Parts {
    boost::asio::io_context& io;
    const Options& options;
    reconcile::DesiredState& desired;
    reconcile::FlowReconciler& reconciler;
    ovsdb::SwitchDatabase& database;
    netlink::PodNetwork& network;
  };
  explicit Attachments(const Parts& parts) : parts_(parts) {}

  // The store has new objects: pods that were waited for may be among them.
  void OnObjects() { waiting_.OnObjects(parts_.desired.store()); }

  void WaitForPod(const cni_server::PodRef& pod, std::chrono::milliseconds deadline,
                  cni_server::Done done) override;
  Status CreateLink(const store::Endpoint& endpoint, uint32_t mtu) override;
  Status DeleteLink(const store::Endpoint& endpoint) override;
  Status CheckLink(const store::Endpoint& endpoint, uint32_t mtu) override;
  void AddPort(const store::Endpoint& endpoint, std::function<void(Result<OfPort>)> done) override;
  void DeletePort(const store::Endpoint& endpoint, cni_server::Done done) override;
  void Enforce(const store::Endpoint& endpoint, std::chrono::milliseconds deadline,
               cni_server::Done done) override;
  void Withdraw(const store::AttachmentId& id, cni_server::Done done) override;
  bool HasLink(const store::Endpoint& endpoint) const override;
  std::optional<store::Endpoint> Find(const store::AttachmentId& id) const override;
  std::vector<store::Endpoint> Endpoints() const override;
  Status Ready() const override;
  bool IsForwarding() const override {
    return parts_.reconciler.state() != reconcile::SyncState::kDisconnected;
  }
  std::vector<IpAddress> Gateways() const override { return parts_.options.gateways(); }

 private:
  netlink::PodLinkSpec LinkSpec(const store::Endpoint& endpoint, uint32_t mtu) const;
  // Runs `late` after `deadline` unless the returned timer is destroyed before.
  std::shared_ptr<void> Deadline(std::chrono::milliseconds deadline, std::function<void()> late);

  Parts parts_;
  PodWaiters waiting_;
};

}  // namespace sluice
