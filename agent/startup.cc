#include "agent/startup.h"

#include <glog/logging.h>

#include <random>
#include <utility>

#include "agent/kube/load_access.h"
#include "agent/network_flags.h"

namespace sluice {

Startup::Startup(boost::asio::io_context& io, Options options, Begin begin)
    : io_(io), options_(std::move(options)), begin_(std::move(begin)) {}

Startup::~Startup() {
  if (own_node_) own_node_->Stop();
}

Status Startup::Start() {
  if (!options_.networks.empty()) {
    begin_(options_);
    return Ok();
  }
  kube::OwnNode::Spec spec;
  SLUICE_ASSIGN_OR_RETURN(spec.access, kube::LoadAccess(options_.kubeconfig));
  spec.name = options_.node_name;
  spec.seed = std::random_device()();
  own_node_ = std::make_shared<kube::OwnNode>(io_, std::move(spec),
                                              [this](const store::Node& node) { OnNode(node); });
  return own_node_->Start();
}

http::Pages Startup::Pages() const {
  return {.healthz = [] { return std::vector<std::string>(); },
          .readyz = [this] { return std::vector<std::string>{missing()}; },
          .metrics = [] { return std::string(); }};
}

void Startup::OnNode(const store::Node& node) {
  const auto networks = NetworksOf(node.pod_cidrs);
  const Status usable = networks.ok() ? SetNetworks(options_, *networks) : networks.error();
  if (!usable.ok()) return begin_(usable.error().Context("Node " + node.name));
  for (const netlink::NodeNetwork& network : options_.networks) {
    LOG(INFO) << "Node " << node.name << ": pods are in " << network.pod_cidr.ToString()
              << ", their gateway is " << network.gateway.ToString();
  }
  begin_(options_);
}

}  // namespace sluice
