// RevisionWaiter: "tell me when revision N is installed". Pure: the caller owns the deadlines.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "agent/reconcile/desired_flows.h"
#include "ofctl/base/strong_id.h"

namespace sluice::reconcile {

using WaiterId = StrongId<struct WaiterIdTag, uint64_t>;

class RevisionWaiter {
 public:
  using Installed = std::function<void()>;

  // `installed` runs in the OnInstalled call that reaches the revision.
  WaiterId Await(Revision revision, Installed installed) {
    const WaiterId id{++last_};
    waiters_.emplace(id, Waiter{revision, std::move(installed)});
    return id;
  }
  // False if it has run already.
  bool Cancel(WaiterId id) { return waiters_.erase(id) > 0; }

  void OnInstalled(Revision revision) {
    std::vector<Installed> due;
    for (auto it = waiters_.begin(); it != waiters_.end();) {
      if (it->second.revision <= revision) {
        due.push_back(std::move(it->second.installed));
        it = waiters_.erase(it);
      } else {
        ++it;
      }
    }
    for (const Installed& installed : due) installed();
  }

 private:
  struct Waiter {
    Revision revision;
    Installed installed;
  };
  uint64_t last_ = 0;
  std::map<WaiterId, Waiter> waiters_;
};

}  // namespace sluice::reconcile
