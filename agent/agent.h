// Agent: owns every part and connects them; the only place that knows all of them.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/attachments.h"
#include "agent/cni_server/cni_server.h"
#include "agent/complaint_log.h"
#include "agent/freed_memory.h"
#include "agent/http/pages.h"
#include "agent/kube/kube_source.h"
#include "agent/kube/source_thread.h"
#include "agent/manifests/manifest_source.h"
#include "agent/metrics/latencies.h"
#include "agent/metrics/timed_bridge.h"
#include "agent/netlink/kernel_pod_network.h"
#include "agent/node_routing.h"
#include "agent/object_events.h"
#include "agent/options.h"
#include "agent/ovsdb/ovsdb_client.h"
#include "agent/reconcile/desired_state.h"
#include "agent/reconcile/flow_reconciler.h"
#include "agent/reconcile/object_intake.h"
#include "agent/self_report.h"
#include "agent/stale_megaflows.h"
#include "agent/status/status_server.h"
#include "ofctl/base/backoff.h"
#include "ofctl/ovs_bridge.h"

namespace sluice {

// What the bridge tells goes to the reconciler; the agent itself only wants to know of a
// connection.
class BridgeRelay : public ofctl::Bridge::Listener {
 public:
  void ConnectTo(ofctl::Bridge::Listener& reconciler, std::function<void()> connected) {
    reconciler_ = &reconciler;
    connected_ = std::move(connected);
  }
  void OnConnected() override {
    connected_();
    reconciler_->OnConnected();
  }
  void OnDisconnected(const Error& why) override { reconciler_->OnDisconnected(why); }
  void OnForeignChange(const ofctl::ForeignChange& change) override {
    reconciler_->OnForeignChange(change);
  }

 private:
  ofctl::Bridge::Listener* reconciler_ = nullptr;
  std::function<void()> connected_;
};

class Agent : private manifests::ManifestSource::Listener,
              private kube::KubeSource::Listener,
              private ovsdb::SwitchDatabase::Listener {
 public:
  Agent(boost::asio::io_context& io, Options options);

  // Errors are those that no waiting mends: a manifest directory or a kubeconfig that cannot be
  // read, a socket that another agent listens on.
  Status Start();

  // Answers from Start() on, whatever is missing.
  http::Pages Pages() const { return report_.Pages(); }

 private:
  // manifests::ManifestSource::Listener and kube::KubeSource::Listener; there is one of them
  void OnObjects(std::vector<store::StoreEvent> events) override;
  void OnNodes(std::vector<store::StoreEvent> events) override;
  void OnComplaints(const std::vector<manifests::Complaint>& complaints) override;
  void OnComplaints(const std::vector<kube::Complaint>& complaints) override;
  // ovsdb::SwitchDatabase::Listener
  void OnSnapshot(const std::vector<ovsdb::InterfaceRow>& rows) override;
  void OnInterface(const ovsdb::InterfaceRow& row) override;
  void OnInterfaceGone(const std::string& name) override;
  void OnDisconnected(const Error& why) override;

  Status StartSource();
  Status FollowApiServer(const kube::ClusterAccess& access);
  void PurgeStaleMegaflows();
  void EnsureBridge();
  void OnBridgeEnsured(const Status& status);
  void ConfigureGateway();
  void TellRuntimeWhenReady();
  void TakeObjects();
  void GiveBackMemory();
  void RemoveLostAttachments();
  void TakeEndpoint(const ovsdb::InterfaceRow& row);
  void SourcesMayBeSynced();
  void Later(std::chrono::milliseconds delay, std::function<void()> work);

  boost::asio::io_context& io_;
  const Options options_;
  netlink::KernelPodNetwork network_;
  reconcile::DesiredState desired_;
  reconcile::ObjectIntake intake_;
  FreedMemory freed_memory_;
  BridgeRelay relay_;
  ofctl::OvsBridge bridge_;
  metrics::Latencies latencies_;
  metrics::TimedBridge timed_bridge_{bridge_, latencies_};
  reconcile::FlowReconciler reconciler_;
  std::unique_ptr<StaleMegaflows> stale_megaflows_;  // with the userspace datapath only
  ovsdb::OvsdbClient database_;
  reconcile::WaiterId memory_given_back_;
  Attachments attachments_;
  cni_server::CniServer cni_server_;
  std::unique_ptr<manifests::ManifestSource> manifests_;
  std::unique_ptr<kube::SourceThread> kube_;
  std::unique_ptr<ObjectEvents> events_;       // with an apiserver only
  std::unique_ptr<NodeRouting> node_routing_;  // null without --node_name
  ComplaintLog complaints_;
  SelfReport::Condition condition_;
  const SelfReport report_;
  status::StatusServer status_server_;
  boost::asio::steady_timer lost_attachments_timer_;

  Backoff bridge_backoff_{
      {.first = std::chrono::milliseconds(200), .max = std::chrono::milliseconds(5000)}};
  Backoff conflist_backoff_{
      {.first = std::chrono::milliseconds(200), .max = std::chrono::milliseconds(5000)}};
  bool bridge_started_ = false;
  bool gateway_configured_ = false;
  bool flows_awaited_ = false;
  bool flows_installed_ = false;  // once, since the start
  bool runtime_told_ = false;
  std::map<std::string, store::AttachmentId> endpoint_of_port_;  // by host interface name
};

}  // namespace sluice
