#include "agent/node_routing.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "agent/netlink/node_routes.h"
#include "ofctl/base/beat.h"

namespace sluice {
namespace {

// A few milliseconds; echo replies and ADDs are not to wait longer.
constexpr size_t kChangesAtOnce = 200;

}  // namespace

NodeRouting::NodeRouting(boost::asio::io_context& io, Spec spec)
    : spec_(std::move(spec)), peers_(spec_.self), timer_(io) {}

void NodeRouting::OnNodes(const std::vector<store::StoreEvent>& events) {
  if (!peers_.Apply(events) && synced_once_) return;
  synced_once_ = true;
  Sync();
}

void NodeRouting::Sync() {
  std::vector<std::string> complaints;
  // Before the routes: what they lead to is not to see this node's address, not even at first.
  SyncMasquerade(complaints);
  const bool at_once = SyncRoutes(complaints);
  Tell(std::move(complaints));
  // Routes go without a word when their link goes down or somebody deletes them. Looking costs
  // about a millisecond a thousand routes.
  const auto now = std::chrono::steady_clock::now();
  timer_.expires_at(at_once ? now : OnBeat(now));
  timer_.async_wait([this](const boost::system::error_code& canceled) {
    if (!canceled) Sync();
  });
}

void NodeRouting::SyncMasquerade(std::vector<std::string>& complaints) {
  if (!spec_.not_masqueraded) {
    if (masquerade_removed_) return;
    const Status removed = masquerade_.Remove();
    masquerade_removed_ = removed.ok();
    if (!removed.ok()) complaints.push_back(removed.error().message());
    return;
  }
  netlink::MasqueradeSpec wanted{.pods = spec_.self.pod_cidrs, .except = peers_.PodCidrs()};
  wanted.except.insert(wanted.except.end(), spec_.not_masqueraded->begin(),
                       spec_.not_masqueraded->end());
  if (wanted == masquerade_installed_) return;
  const Status installed = masquerade_.Install(wanted);
  if (installed.ok()) {
    masquerade_installed_ = std::move(wanted);
  } else {
    complaints.push_back(installed.error().message());
  }
}

bool NodeRouting::SyncRoutes(std::vector<std::string>& complaints) {
  const auto connected = netlink::FindConnectedNetworks(spec_.pod_devices);
  if (!connected.ok()) {
    complaints.push_back("routes to other nodes: " + connected.error().message());
    return false;
  }
  const nodes::RoutePlan plan = peers_.Plan(*connected);
  complaints.insert(complaints.end(), plan.complaints.begin(), plan.complaints.end());
  const auto synced = netlink::SyncNodeRoutes(plan.routes, kChangesAtOnce);
  if (!synced.ok()) {
    complaints.push_back("routes to other nodes: " + synced.error().message());
    return false;
  }
  for (const std::string& problem : synced->problems) {
    complaints.push_back("routes to other nodes: " + problem);
  }
  if (synced->added + synced->removed > 0) {
    LOG(INFO) << "routes to other nodes: " << synced->added << " added, " << synced->removed
              << " removed";
  }
  return !synced->is_whole;
}

void NodeRouting::Tell(std::vector<std::string> complaints) {
  std::ranges::sort(complaints);
  for (const std::string& complaint : complaints) {
    const bool is_new = !std::ranges::binary_search(complaints_, complaint);
    LOG_IF(WARNING, is_new) << complaint;
  }
  complaints_ = std::move(complaints);
}

}  // namespace sluice
