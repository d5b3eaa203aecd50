#include "agent/agent.h"

#include <glog/logging.h>

#include <boost/asio/ip/host_name.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <random>

#include "agent/cni_conf/conflist_file.h"
#include "agent/cni_server/listening_socket.h"
#include "agent/kube/load_access.h"
#include "agent/part_specs.h"
#include "ofctl/base/beat.h"

namespace sluice {
namespace {

// A pod whose network namespace went without a DEL is rare, and harms nobody but for its address:
// every fourth beat is enough.
constexpr std::chrono::milliseconds kBetweenLooksForLost = 3 * kBeat;

}  // namespace

Agent::Agent(boost::asio::io_context& io, Options options)
    : io_(io),
      options_(std::move(options)),
      network_(options_.datapath),
      desired_(NodePortsOf(options_)),
      intake_(desired_),
      bridge_(io, BridgeConnectionOf(options_), relay_),
      reconciler_(timed_bridge_, desired_,
                  [this](uint32_t delay_ms, std::function<void()> work) {
                    Later(std::chrono::milliseconds(delay_ms), std::move(work));
                  }),
      database_(io, {.socket_path = options_.ovs_db, .bridge = options_.bridge, .port_type = ""},
                *this),
      attachments_({io, options_, desired_, reconciler_, database_, network_}),
      cni_server_(io, CniSpecOf(options_, latencies_), attachments_),
      report_({.options = options_,
               .condition = condition_,
               .complaints = complaints_,
               .desired = desired_,
               .reconciler = reconciler_,
               .stale_megaflows = stale_megaflows_,
               .database = database_,
               .latencies = latencies_,
               .kube = kube_,
               .node_routing = node_routing_}),
      status_server_(io, [this](std::string_view request) { return report_.Answer(request); }),
      lost_attachments_timer_(io) {
  relay_.ConnectTo(reconciler_, [this] { ConfigureGateway(); });
  PurgeStaleMegaflows();
}

// The kernel's datapath finds the megaflow to correct by its id.
void Agent::PurgeStaleMegaflows() {
  if (options_.datapath != netlink::Datapath::kNetdev) return;
  stale_megaflows_ = std::make_unique<StaleMegaflows>(
      io_, options_.ovs_rundir, [this](uint32_t delay_ms, std::function<void()> work) {
        Later(std::chrono::milliseconds(delay_ms), std::move(work));
      });
  reconciler_.WhenMegaflowsMayBeStale([this] { stale_megaflows_->Purge(); });
}

Status Agent::Start() {
  SLUICE_RETURN_IF_ERROR(StartSource());
  SLUICE_ASSIGN_OR_RETURN(const int listening,
                          cni_server::OpenListeningSocket(options_.status_socket()));
  SLUICE_RETURN_IF_ERROR(status_server_.Start(listening));
  SLUICE_RETURN_IF_ERROR(cni_server_.Start());
  SLUICE_ASSIGN_OR_RETURN(condition_.cni_socket, cni_server::SocketFile::At(options_.cni_socket()));
  database_.Start();  // OnSnapshot is where the rest begins
  return Ok();
}

Status Agent::StartSource() {
  manifests::ManifestSource::Listener& listener = *this;
  switch (options_.source) {
    case ObjectSource::kManifests:
      condition_.source = "manifests " + options_.manifests;
      manifests_ = std::make_unique<manifests::ManifestSource>(io_, options_.manifests, listener);
      return manifests_->Start();
    case ObjectSource::kKubeconfig:
    case ObjectSource::kInCluster: {
      SLUICE_ASSIGN_OR_RETURN(const auto access, kube::LoadAccess(options_.kubeconfig));
      return FollowApiServer(access);
    }
  }
  return Internal("no source");
}

Status Agent::FollowApiServer(const kube::ClusterAccess& access) {
  condition_.source = "apiserver " + access.server.ToString();
  kube::EventSender::Spec events;
  events.access = access;
  events.node = options_.node_name.empty() ? boost::asio::ip::host_name() : options_.node_name;
  events_ = std::make_unique<ObjectEvents>(io_, std::move(events), desired_);
  reconciler_.WhenQuarantined(
      [this](const pipeline::OwnerId& owner) { events_->Quarantined(owner); });
  kube::KubeSource::Spec spec;
  spec.access = access;
  spec.seed = std::random_device()();
  if (!options_.node_name.empty()) {
    spec.nodes = kube::KubeSource::Nodes::kFollowed;
    node_routing_ = std::make_unique<NodeRouting>(io_, NodeRoutingSpecOf(options_));
  }
  kube::KubeSource::Listener& listener = *this;
  kube_ = std::make_unique<kube::SourceThread>(io_, std::move(spec), listener);
  return kube_->Start();
}

void Agent::Later(std::chrono::milliseconds delay, std::function<void()> work) {
  if (delay.count() == 0) {
    boost::asio::post(io_, std::move(work));
    return;
  }
  auto timer = std::make_shared<boost::asio::steady_timer>(io_, delay);
  timer->async_wait([timer, work = std::move(work)](const boost::system::error_code& canceled) {
    if (!canceled) work();
  });
}

void Agent::EnsureBridge() {
  database_.EnsureBridge(BridgeSpecOf(options_),
                         [this](const Status& status) { OnBridgeEnsured(status); });
}

void Agent::OnBridgeEnsured(const Status& status) {
  const std::string before =
      std::exchange(condition_.bridge_trouble, status.ok() ? "" : status.error().message());
  if (!status.ok()) {
    if (condition_.bridge_trouble != before) {
      LOG(WARNING) << "bridge " << options_.bridge << ": " << condition_.bridge_trouble;
    }
    Later(bridge_backoff_.Failed(), [this] { EnsureBridge(); });
    return;
  }
  bridge_backoff_.Succeeded();
  if (bridge_started_) return;
  bridge_started_ = true;
  bridge_.Start();
}

void Agent::ConfigureGateway() {
  // Again at every connection: a restarted ovs-vswitchd brings its internal ports back down.
  const Status status = netlink::ConfigureGateway({.gateway_ifname = options_.gateway_port,
                                                   .local_ifname = options_.bridge,
                                                   .mac = store::MacFor(options_.gateways()),
                                                   .networks = options_.networks});
  const std::string before =
      std::exchange(condition_.gateway_trouble, status.ok() ? "" : status.error().message());
  gateway_configured_ = status.ok();
  if (status.ok()) {
    RemoveLostAttachments();
    TellRuntimeWhenReady();
    return;
  }
  if (condition_.gateway_trouble != before) LOG(ERROR) << "gateway: " << condition_.gateway_trouble;
  Later(bridge_backoff_.Failed(), [this] { ConfigureGateway(); });
}

// That a network configuration is there is what makes the node Ready, so it comes last. It stays
// when the agent goes: pods that start meanwhile wait for the next one.
void Agent::TellRuntimeWhenReady() {
  if (options_.cni_conf_dir.empty() || runtime_told_) return;
  if (!gateway_configured_ || !flows_installed_) return;
  std::vector<cni_conf::AddressRange> ranges;
  for (const netlink::NodeNetwork& network : options_.networks) {
    ranges.push_back({.subnet = network.pod_cidr, .gateway = network.gateway});
  }
  const Status written = cni_conf::EnsureConflist(
      {.directory = options_.cni_conf_dir, .template_file = options_.cni_conf_template}, ranges);
  runtime_told_ = written.ok();
  if (runtime_told_) {
    LOG(INFO) << "pods can be attached: " << options_.cni_conf_dir << "/" << cni_conf::kFileName;
    return;
  }
  LOG(ERROR) << "network configuration: " << written.error().message();
  Later(conflist_backoff_.Failed(), [this] { TellRuntimeWhenReady(); });
}

// Once the gateway's device was there: an agent that sees none of the node's devices sees no pod's.
void Agent::RemoveLostAttachments() {
  cni_server_.RemoveLost();
  lost_attachments_timer_.expires_at(
      OnBeat(std::chrono::steady_clock::now() + kBetweenLooksForLost));
  lost_attachments_timer_.async_wait([this](const boost::system::error_code& canceled) {
    if (!canceled) RemoveLostAttachments();
  });
}

void Agent::OnObjects(std::vector<store::StoreEvent> events) {
  VLOG(1) << events.size() << " objects told";
  const bool taking = !intake_.idle();  // TakeObjects comes again by itself
  freed_memory_.Took(events.size());
  intake_.Add(std::move(events));
  if (!taking) TakeObjects();
}

void Agent::TakeObjects() {
  if (intake_.Step()) {
    attachments_.OnObjects();
    condition_.objects_synced = true;
    SourcesMayBeSynced();
    reconciler_.Poke();
  }
  if (!intake_.idle()) return boost::asio::post(io_, [this] { TakeObjects(); });
  if (freed_memory_.due()) GiveBackMemory();
}

// After the commit: what was sent is freed as well by then.
void Agent::GiveBackMemory() {
  reconciler_.Cancel(memory_given_back_);
  memory_given_back_ = reconciler_.AwaitInstalled([this] {
    boost::asio::post(io_, [this] {
      if (intake_.idle() && reconciler_.idle()) freed_memory_.GiveBack();
    });
  });
}

void Agent::OnNodes(std::vector<store::StoreEvent> events) { node_routing_->OnNodes(events); }

void Agent::OnComplaints(const std::vector<manifests::Complaint>& complaints) {
  complaints_.Take(complaints);
}

void Agent::OnComplaints(const std::vector<kube::Complaint>& complaints) {
  complaints_.Take(complaints);
  events_->TakeComplaints(complaints);
}

void Agent::OnSnapshot(const std::vector<ovsdb::InterfaceRow>& rows) {
  std::map<std::string, store::AttachmentId> gone = std::exchange(endpoint_of_port_, {});
  for (const ovsdb::InterfaceRow& row : rows) {
    TakeEndpoint(row);
    gone.erase(row.name);
  }
  for (const auto& [port, id] : gone) desired_.RemoveEndpoint(id);
  const bool first = !std::exchange(condition_.endpoints_synced, true);
  SourcesMayBeSynced();
  if (first) cni_server_.HonourTombstones();
  EnsureBridge();
  reconciler_.Poke();
}

void Agent::OnInterface(const ovsdb::InterfaceRow& row) {
  TakeEndpoint(row);
  reconciler_.Poke();
}

void Agent::OnInterfaceGone(const std::string& name) {
  const auto known = endpoint_of_port_.find(name);
  if (known == endpoint_of_port_.end()) return;
  desired_.RemoveEndpoint(known->second);
  endpoint_of_port_.erase(known);
  reconciler_.Poke();
}

void Agent::TakeEndpoint(const ovsdb::InterfaceRow& row) {
  Result<store::Endpoint> endpoint = store::FromExternalIds(row.external_ids);
  if (!endpoint.ok()) {
    // Not ours is no error; ours but damaged stays closed, because nothing is known to open.
    if (endpoint.error().code() != ErrorCode::kNotFound) {
      LOG(ERROR) << "interface " << row.name << ": " << endpoint.error().message();
    }
    return;
  }
  endpoint->host_ifname = row.name;
  endpoint->ofport = row.ofport;
  const bool attached = endpoint_of_port_.insert_or_assign(row.name, endpoint->id).second;
  desired_.PutEndpoint(*endpoint);
  if (attached && events_) events_->Attached();
}

void Agent::OnDisconnected(const Error& why) {
  // What is known stays in force; the snapshot after the reconnect corrects it.
  LOG(WARNING) << "ovsdb-server: " << why.message();
}

void Agent::SourcesMayBeSynced() {
  if (!condition_.objects_synced || !condition_.endpoints_synced) return;
  reconciler_.OnSourcesSynced();
  if (flows_awaited_) return;
  flows_awaited_ = true;
  reconciler_.AwaitInstalled([this] {
    flows_installed_ = true;
    TellRuntimeWhenReady();
  });
}

}  // namespace sluice
