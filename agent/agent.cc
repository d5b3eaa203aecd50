#include "agent/agent.h"

#include <glog/logging.h>

#include <algorithm>
#include <boost/asio/ip/host_name.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <random>

#include "agent/cni_conf/conflist_file.h"
#include "agent/cni_server/listening_socket.h"
#include "agent/kube/load_access.h"
#include "agent/metrics/metrics.h"
#include "agent/pipeline/tables.h"
#include "agent/status/readiness.h"
#include "ofctl/base/beat.h"

namespace sluice {
namespace {

// By convention the gateway port asks for this number: readable, and the same after a re-creation.
constexpr OfPort kGatewayOfPort{1};

// A pod whose network namespace went without a DEL is rare, and harms nobody but for its address:
// every fourth beat is enough.
constexpr std::chrono::milliseconds kBetweenLooksForLost = 3 * kBeat;

ovsdb::BridgeSpec BridgeSpecOf(const Options& options) {
  const MacAddress mac = store::MacFor(options.gateways());
  ovsdb::BridgeSpec spec{
      .name = options.bridge,
      .datapath_type = options.datapath == netlink::Datapath::kNetdev ? "netdev" : "system",
      .tables = {},
      .gateway = {.name = options.gateway_port, .ofport = kGatewayOfPort, .mac = mac},
      .local_mac = mac};
  for (const pipeline::TableSpec& table : pipeline::kTables) {
    ovsdb::FlowTableRow row{pipeline::Number(table.table), std::string(table.name), {}};
    for (std::string_view rest = table.prefixes; !rest.empty();) {
      const size_t comma = std::min(rest.find(','), rest.size());
      row.prefixes.emplace_back(rest.substr(0, comma));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    spec.tables.push_back(std::move(row));
  }
  return spec;
}

pipeline::NodePorts NodePortsOf(const Options& options) {
  return {.gateway = kGatewayOfPort,
          .mac = store::MacFor(options.gateways()),
          .addresses = options.gateways(),
          .sctp = options.datapath == netlink::Datapath::kNetdev
                      ? pipeline::SctpPorts::kFromHeader
                      : pipeline::SctpPorts::kFromConntrack};
}

ofctl::OvsBridge::Spec BridgeConnectionOf(const Options& options) {
  ofctl::OvsBridge::Spec spec;
  spec.connection.socket_path = options.mgmt_socket();
  return spec;
}

NodeRouting::Spec NodeRoutingSpecOf(const Options& options) {
  std::vector<Cidr> pod_cidrs;
  for (const netlink::NodeNetwork& network : options.networks) {
    pod_cidrs.push_back(network.pod_cidr);
  }
  return {.self = {.name = options.node_name, .pod_cidrs = std::move(pod_cidrs)},
          .pod_devices = {options.gateway_port, options.bridge},
          .not_masqueraded = options.not_masqueraded};
}

cni_server::CniServerSpec CniSpecOf(const Options& options, metrics::Latencies& latencies) {
  cni_server::CniServerSpec spec;
  spec.socket_path = options.cni_socket();
  spec.answered = [&latencies](const cni_server::Answered& answered) {
    latencies.Answered({.verb = answered.verb, .result = answered.result, .took = answered.took});
  };
  return spec;
}

// What a complaint is counted as.
std::string KindOf(const kube::Complaint& complaint) {
  return std::string(complaint.object ? store::ToString(complaint.object->kind) : "watch");
}
std::string KindOf(const manifests::Complaint&) { return "manifest"; }

// kube logs those itself, once an outage.
bool IsOutage(const kube::Complaint& complaint) { return !complaint.object; }
bool IsOutage(const manifests::Complaint&) { return false; }

status::AgentFacts::Watch WatchFactOf(const kube::KubeSource::WatchState& watch) {
  return {.resource = std::string(kube::NameOf(watch.resource)),
          .state = std::string(kube::ToString(watch.state)),
          .synced = watch.synced,
          .trouble = watch.trouble,
          .lists = watch.counters.lists,
          .failures = watch.counters.failures,
          .events = watch.counters.events,
          .last_heard = std::chrono::duration<double>(watch.heard_at.time_since_epoch()).count()};
}

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
      status_server_(io,
                     [this](std::string_view request) {
                       return status::Queries(desired_, reconciler_,
                                              [this] {
                                                status::AgentFacts facts = Facts();
                                                facts.complaints = Complaints();
                                                return facts;
                                              })
                           .Answer(request);
                     }),
      lost_attachments_timer_(io) {
  relay_.ConnectTo(reconciler_, [this] { ConfigureGateway(); });
}

Status Agent::Start() {
  SLUICE_RETURN_IF_ERROR(StartSource());
  SLUICE_ASSIGN_OR_RETURN(const int listening,
                          cni_server::OpenListeningSocket(options_.status_socket()));
  SLUICE_RETURN_IF_ERROR(status_server_.Start(listening));
  SLUICE_RETURN_IF_ERROR(cni_server_.Start());
  SLUICE_ASSIGN_OR_RETURN(cni_socket_, cni_server::SocketFile::At(options_.cni_socket()));
  database_.Start();  // OnSnapshot is where the rest begins
  return Ok();
}

Status Agent::StartSource() {
  manifests::ManifestSource::Listener& listener = *this;
  switch (options_.source) {
    case ObjectSource::kManifests:
      source_name_ = "manifests " + options_.manifests;
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
  source_name_ = "apiserver " + access.server.ToString();
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
      std::exchange(bridge_trouble_, status.ok() ? "" : status.error().message());
  if (!status.ok()) {
    if (bridge_trouble_ != before) {
      LOG(WARNING) << "bridge " << options_.bridge << ": " << bridge_trouble_;
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
      std::exchange(gateway_trouble_, status.ok() ? "" : status.error().message());
  gateway_configured_ = status.ok();
  if (status.ok()) {
    RemoveLostAttachments();
    TellRuntimeWhenReady();
    return;
  }
  if (gateway_trouble_ != before) LOG(ERROR) << "gateway: " << gateway_trouble_;
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
  intake_.Add(std::move(events));
  if (!taking) TakeObjects();
}

void Agent::TakeObjects() {
  if (intake_.Step()) {
    attachments_.OnObjects();
    objects_synced_ = true;
    SourcesMayBeSynced();
    reconciler_.Poke();
  }
  if (!intake_.idle()) boost::asio::post(io_, [this] { TakeObjects(); });
}

void Agent::OnNodes(std::vector<store::StoreEvent> events) { node_routing_->OnNodes(events); }

void Agent::OnComplaints(const std::vector<manifests::Complaint>& complaints) {
  TakeComplaints(complaints);
}

void Agent::OnComplaints(const std::vector<kube::Complaint>& complaints) {
  TakeComplaints(complaints);
  events_->TakeComplaints(complaints);
}

template <typename Complaint>
void Agent::TakeComplaints(const std::vector<Complaint>& complaints) {
  std::vector<std::string> lines;
  complaint_counts_.clear();
  for (const Complaint& complaint : complaints) {
    lines.push_back(complaint.ToString());
    ++complaint_counts_[KindOf(complaint)];
    if (IsOutage(complaint) ||
        std::find(complaints_.begin(), complaints_.end(), lines.back()) != complaints_.end()) {
      continue;
    }
    if (complaint.severity == Complaint::Severity::kError) {
      LOG(ERROR) << lines.back();
    } else {
      LOG(WARNING) << lines.back();
    }
  }
  complaints_ = std::move(lines);
}

void Agent::OnSnapshot(const std::vector<ovsdb::InterfaceRow>& rows) {
  std::map<std::string, store::AttachmentId> gone = std::exchange(endpoint_of_port_, {});
  for (const ovsdb::InterfaceRow& row : rows) {
    TakeEndpoint(row);
    gone.erase(row.name);
  }
  for (const auto& [port, id] : gone) desired_.RemoveEndpoint(id);
  const bool first = !std::exchange(endpoints_synced_, true);
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
  if (!objects_synced_ || !endpoints_synced_) return;
  reconciler_.OnSourcesSynced();
  if (flows_awaited_) return;
  flows_awaited_ = true;
  reconciler_.AwaitInstalled([this] {
    flows_installed_ = true;
    TellRuntimeWhenReady();
  });
}

status::AgentFacts Agent::Facts() const {
  status::AgentFacts facts;
  facts.names = {.bridge = options_.bridge,
                 .gateway_port = options_.gateway_port,
                 .ovs_rundir = options_.ovs_rundir};
  facts.objects = {.name = source_name_, .synced = objects_synced_, .watches = {}};
  for (const auto& watch : kube_ ? kube_->Watches() : std::vector<kube::KubeSource::WatchState>()) {
    facts.objects.watches.push_back(WatchFactOf(watch));
  }
  facts.endpoints = {
      .name = "ovsdb " + options_.ovs_db, .synced = endpoints_synced_, .watches = {}};
  const Status database = database_.Readiness();
  facts.troubles = {.database = database.ok() ? "" : "not connected: " + database.error().message(),
                    .bridge = bridge_trouble_,
                    .gateway = gateway_trouble_};
  facts.complaint_counts = complaint_counts_;
  return facts;
}

std::vector<std::string> Agent::Complaints() const {
  std::vector<std::string> complaints = complaints_;
  if (node_routing_) {
    const auto& more = node_routing_->complaints();
    complaints.insert(complaints.end(), more.begin(), more.end());
  }
  return complaints;
}

// That this runs says that the event loop does. Neither the switch nor the apiserver comes back by
// a restart of the agent.
std::vector<std::string> Agent::Broken() const {
  if (!cni_socket_) return {};
  const Status reachable = cni_socket_->StillThere();
  if (reachable.ok()) return {};
  return {"cni: nobody can reach the agent: " + reachable.error().message()};
}

std::vector<std::string> Agent::Missing() const {
  std::vector<std::string> missing = status::MissingForPods(
      Facts(), {.state = reconciler_.state(), .last_error = reconciler_.last_error()});
  for (std::string& line : Broken()) missing.push_back(std::move(line));
  return missing;
}

http::Pages Agent::Pages() const {
  return {.healthz = [this] { return Broken(); },
          .readyz = [this] { return Missing(); },
          .metrics =
              [this] {
                return metrics::Exposition({.desired = desired_,
                                            .reconciler = reconciler_,
                                            .facts = Facts(),
                                            .latencies = latencies_});
              }};
}

}  // namespace sluice
