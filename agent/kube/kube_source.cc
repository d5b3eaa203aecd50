#include "agent/kube/kube_source.h"

#include <glog/logging.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <iterator>
#include <map>
#include <utility>

#include "agent/kube/credentials.h"
#include "agent/kube/tls_context.h"

namespace sluice::kube {

class KubeSource::Impl {
 public:
  Impl(boost::asio::io_context& io, Spec spec, Listener& listener)
      : io_(io), spec_(std::move(spec)), listener_(listener) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    for (const auto& watch : watches_) watch->Stop();
    if (node_watch_) node_watch_->Stop();
  }

  Status Start() {
    SLUICE_ASSIGN_OR_RETURN(const Credentials credentials, LoadCredentials(spec_.access));
    const auto usable = MakeTlsContext(credentials.tls);
    if (!usable.ok()) return usable.error();
    for (const Resource resource : kPolicyResources) {
      watches_.push_back(Follow(resource, [this] { OnChange(); }));
    }
    if (spec_.nodes == Nodes::kFollowed) {
      node_watch_ = Follow(Resource::kNodes, [this] { OnNodeChange(); });
    }
    for (const auto& watch : watches_) watch->Start();
    if (node_watch_) node_watch_->Start();
    return Ok();
  }

  std::vector<WatchState> Watches() const {
    std::vector<WatchState> states;
    for (const ResourceWatch* watch : All()) {
      const Reflector& reflector = watch->reflector();
      states.push_back({.resource = reflector.resource(),
                        .state = reflector.state(),
                        .synced = reflector.synced(),
                        .trouble = reflector.trouble(),
                        .counters = reflector.counters(),
                        .heard_at = watch->heard_at()});
    }
    return states;
  }

 private:
  std::shared_ptr<ResourceWatch> Follow(Resource resource, std::function<void()> changed) {
    ResourceWatch::Spec spec{.reflector = {.resource = resource,
                                           .page_size = spec_.page_size,
                                           .backoff = spec_.backoff,
                                           .seed = spec_.seed + static_cast<uint32_t>(resource)},
                             .access = spec_.access,
                             .patience = spec_.patience};
    return std::make_shared<ResourceWatch>(io_, spec, std::move(changed));
  }

  std::vector<ResourceWatch*> All() const {
    std::vector<ResourceWatch*> all;
    for (const auto& watch : watches_) all.push_back(watch.get());
    if (node_watch_) all.push_back(node_watch_.get());
    return all;
  }

  void OnChange() {
    listener_.OnWatches();
    for (const auto& watch : watches_) LogOutage(watch->reflector());
    TellComplaints();
    for (const auto& watch : watches_) {
      auto events = watch->reflector().TakeEvents();
      std::move(events.begin(), events.end(), std::back_inserter(untold_));
    }
    // Pods without the policies that select them would be open: nothing is told before all is.
    const bool all = std::all_of(watches_.begin(), watches_.end(),
                                 [](const auto& watch) { return watch->reflector().synced(); });
    if (!all || (in_sync_ && untold_.empty())) return;
    in_sync_ = true;
    listener_.OnObjects(std::exchange(untold_, {}));
  }

  void OnNodeChange() {
    listener_.OnWatches();
    LogOutage(node_watch_->reflector());
    TellComplaints();
    auto events = node_watch_->reflector().TakeEvents();
    if (!node_watch_->reflector().synced() || (nodes_told_ && events.empty())) return;
    nodes_told_ = true;
    listener_.OnNodes(std::move(events));
  }

  // One line when it begins and one when it has ended, however often it is tried in between.
  void LogOutage(const Reflector& reflector) {
    const std::string_view resource = NameOf(reflector.resource());
    const auto outage = outages_.find(reflector.resource());
    if (outage == outages_.end() && !reflector.trouble().empty()) {
      outages_[reflector.resource()] = std::chrono::steady_clock::now();
      LOG(WARNING) << "apiserver: " << reflector.trouble()
                   << (reflector.synced() ? "; what is known stays in force" : "");
    } else if (outage != outages_.end() && reflector.works()) {
      const auto lasted = std::chrono::steady_clock::now() - outage->second;
      LOG(INFO) << "apiserver: " << resource << ": heard again after "
                << std::chrono::duration_cast<std::chrono::milliseconds>(lasted).count() << " ms";
      outages_.erase(outage);
    }
  }

  void TellComplaints() {
    bool changed = false;
    for (ResourceWatch* watch : All()) changed |= watch->reflector().TakeComplaintsChanged();
    if (!changed) return;
    std::vector<Complaint> complaints;
    for (ResourceWatch* watch : All()) {
      auto of_one = watch->reflector().Complaints();
      std::move(of_one.begin(), of_one.end(), std::back_inserter(complaints));
    }
    if (complaints == complaints_) return;
    complaints_ = std::move(complaints);
    listener_.OnComplaints(complaints_);
  }

  boost::asio::io_context& io_;
  Spec spec_;
  Listener& listener_;
  std::vector<std::shared_ptr<ResourceWatch>> watches_;  // of kPolicyResources
  std::shared_ptr<ResourceWatch> node_watch_;            // null: nodes are ignored
  std::vector<store::StoreEvent> untold_;
  std::vector<Complaint> complaints_;
  std::map<Resource, std::chrono::steady_clock::time_point> outages_;  // since when
  bool in_sync_ = false;
  bool nodes_told_ = false;
};

KubeSource::KubeSource(boost::asio::io_context& io, Spec spec, Listener& listener)
    : impl_(std::make_unique<Impl>(io, std::move(spec), listener)) {}

KubeSource::~KubeSource() = default;

Status KubeSource::Start() { return impl_->Start(); }

std::vector<KubeSource::WatchState> KubeSource::Watches() const { return impl_->Watches(); }

}  // namespace sluice::kube
