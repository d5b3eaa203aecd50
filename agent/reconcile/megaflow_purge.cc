#include "agent/reconcile/megaflow_purge.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

namespace sluice::reconcile {

using std::chrono::milliseconds;

void MegaflowPurge::Owe() {
  owed_ = true;
  PurgeIfFree();
}

void MegaflowPurge::PurgeIfFree() {
  if (!owed_ || purging_ || resting_) return;
  // What is owed from now on may be about megaflows that this purge has passed over.
  owed_ = false;
  purging_ = true;
  purge_([this](const Result<Duration>& took) { OnDone(took); });
}

void MegaflowPurge::OnDone(const Result<Duration>& took) {
  purging_ = false;
  if (!took.ok()) {
    ++counters_.failures;
    if (!std::exchange(failing_, true)) {
      LOG(ERROR) << "megaflows of before stay in the switch: " << took.error().message();
    }
    owed_ = true;
    return Rest(backoff_.Failed());
  }
  ++counters_.purges;
  VLOG(1) << "megaflows purged in " << took->count() << " us";
  if (std::exchange(failing_, false)) LOG(INFO) << "megaflows of before are purged again";
  backoff_.Succeeded();
  const auto share = std::chrono::ceil<milliseconds>(*took * kTimesAsLong);
  Rest(std::clamp(share, kBetween, kBetweenAtMost));
}

void MegaflowPurge::Rest(milliseconds wait) {
  resting_ = true;
  schedule_(static_cast<uint32_t>(wait.count()), [this] {
    resting_ = false;
    PurgeIfFree();
  });
}

}  // namespace sluice::reconcile
