// PodWaiters: CNI ADDs that wait for their pod's object. The caller owns the deadlines.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "agent/cni_server/steps.h"
#include "agent/store/cluster_store.h"

namespace sluice {

class PodWaiters {
 public:
  using Found = std::function<void()>;

  static bool Known(const store::ClusterStore& store, const cni_server::PodRef& pod) {
    const std::optional<store::Pod> object = store.FindPodObject(pod.key);
    return object && (pod.uid.empty() || object->uid.empty() || object->uid == pod.uid);
  }

  uint64_t Await(const cni_server::PodRef& pod, Found found) {
    waiters_.emplace(++last_, Waiter{pod, std::move(found)});
    return last_;
  }
  // False if it was found already.
  bool Cancel(uint64_t id) { return waiters_.erase(id) > 0; }

  void OnObjects(const store::ClusterStore& store) {
    std::vector<Found> due;
    std::erase_if(waiters_, [&](auto& item) {
      if (!Known(store, item.second.pod)) return false;
      due.push_back(std::move(item.second.found));
      return true;
    });
    for (const Found& found : due) found();
  }

 private:
  struct Waiter {
    cni_server::PodRef pod;
    Found found;
  };
  uint64_t last_ = 0;
  std::map<uint64_t, Waiter> waiters_;
};

}  // namespace sluice
