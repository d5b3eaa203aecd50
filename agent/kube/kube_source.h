// KubeSource: a kube-apiserver as a source of truth, followed by watches.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/kube/cluster_access.h"
#include "agent/kube/complaint.h"
#include "agent/kube/resource_watch.h"
#include "agent/store/objects.h"
#include "ofctl/base/result.h"

namespace boost::asio {
class io_context;
}

namespace sluice::kube {

class KubeSource {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    // What changed since the last call, in one batch. The first batch is all namespaces, pods and
    // networkpolicies and is delivered even if it is empty: from then on the source is in sync.
    // While the apiserver is away there is none, and what was told stays true.
    virtual void OnObjects(std::vector<store::StoreEvent> events) = 0;
    // The same for nodes, where they are followed: apart, because no verdict waits for them and
    // they wait for nothing.
    virtual void OnNodes(std::vector<store::StoreEvent>) {}
    // All complaints in force now, replacing those before.
    virtual void OnComplaints(const std::vector<Complaint>& complaints) = 0;
    // What Watches() says may have changed.
    virtual void OnWatches() {}
  };

  enum class Nodes : uint8_t { kIgnored, kFollowed };

  struct Spec {
    ClusterAccess access;
    Nodes nodes = Nodes::kIgnored;
    WatchPatience patience;
    Backoff::Spec backoff = Reflector::Spec().backoff;
    uint32_t page_size = Reflector::Spec().page_size;
    uint32_t seed = 1;  // of the jitter; another one in every agent
  };

  // `io` and `listener` must outlive the source.
  KubeSource(boost::asio::io_context& io, Spec spec, Listener& listener);
  ~KubeSource();
  // Error if the credentials cannot be read or used. An apiserver that is away is no error.
  Status Start();

  struct WatchState {
    Resource resource = Resource::kPods;
    Reflector::State state = Reflector::State::kIdle;
    bool synced = false;  // has been listed, once
    std::string trouble;  // why nothing is heard now; empty: nothing is wrong
    ReflectorCounters counters;
    std::chrono::system_clock::time_point heard_at;  // the epoch: never
  };
  std::vector<WatchState> Watches() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::kube
