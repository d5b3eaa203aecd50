#include "agent/kube/event_queue.h"

#include <algorithm>
#include <utility>

namespace sluice::kube {

void EventQueue::Tell(Event event) {
  std::string name = event.object.key.ns + "/" + EventName(event);
  if (told_.contains(name)) return;
  if (waiting_.size() >= spec_.waiting) {
    ++dropped_;  // not remembered: there may be room when it is told again
    return;
  }
  told_in_order_.push_back(name);
  told_.insert(std::move(name));
  if (told_.size() > spec_.remembered) {
    told_.erase(told_in_order_.front());
    told_in_order_.pop_front();
  }
  waiting_.push_back(std::move(event));
}

void EventQueue::Refill(Time now) {
  if (!refilled_) refilled_ = now;
  while (now - *refilled_ >= spec_.interval) {
    if (tokens_ == spec_.burst) {
      refilled_ = now;
      return;
    }
    ++tokens_;
    *refilled_ += spec_.interval;
  }
}

std::optional<EventQueue::Step> EventQueue::Next(Time now) {
  if (under_way_ || waiting_.empty()) return std::nullopt;
  Refill(now);
  Time start = std::max(now, not_before_);
  if (tokens_ == 0) start = std::max(start, *refilled_ + spec_.interval);
  if (start > now) {
    return Wait{std::chrono::ceil<Duration>(start - now)};
  }
  --tokens_;
  under_way_ = true;
  return waiting_.front();
}

void EventQueue::OnAnswer(Answer answer, Time now) {
  under_way_ = false;
  if (answer == Answer::kFailed) not_before_ = now + backoff_.Failed();
  if (answer == Answer::kFailed && ++tries_ < spec_.tries) return;
  if (answer == Answer::kDone) {
    backoff_.Succeeded();
    ++sent_;
  } else {
    ++dropped_;
  }
  tries_ = 0;
  waiting_.pop_front();
}

}  // namespace sluice::kube
