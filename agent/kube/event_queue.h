// EventQueue: which events are sent, and when. Pure: the caller has the clock and the connection.
//
// Each is sent once while its agent lives; not more than a burst at once and few a minute after
// that. What there is no room for is dropped: an event is a hint, `sluicectl status` has the truth.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_set>
#include <variant>

#include "agent/kube/event.h"
#include "ofctl/base/backoff.h"

namespace sluice::kube {

class EventQueue {
 public:
  using Duration = std::chrono::milliseconds;
  using Time = std::chrono::steady_clock::time_point;

  struct Spec {
    size_t waiting = 64;       // at most, beside the one under way
    size_t remembered = 1024;  // names of events, so that none is sent twice
    uint32_t burst = 10;
    Duration interval{10'000};  // between two, after the burst
    uint32_t tries = 6;
    Backoff::Spec backoff{.first = Duration(1000), .max = Duration(60'000)};
  };

  explicit EventQueue(const Spec& spec)
      : spec_(spec), tokens_(spec.burst), backoff_(spec.backoff) {}

  // Nothing, if it was told before.
  void Tell(Event event);

  struct Wait {
    Duration duration{0};
  };
  // What to do now: send the event, wait so long, or (absent) nothing until the next Tell or
  // OnAnswer. An event that is sent is under way until OnAnswer.
  using Step = std::variant<Event, Wait>;
  std::optional<Step> Next(Time now);

  enum class Answer : uint8_t {
    kDone,    // it is there, by us or by another node; or it can never be
    kFailed,  // perhaps later
  };
  void OnAnswer(Answer answer, Time now);

  uint64_t sent() const { return sent_; }
  uint64_t dropped() const { return dropped_; }

 private:
  void Refill(Time now);

  Spec spec_;
  std::deque<Event> waiting_;  // the first one is under way, if any is
  std::unordered_set<std::string> told_;
  std::deque<std::string> told_in_order_;
  bool under_way_ = false;
  uint32_t tries_ = 0;  // of the first one
  Time not_before_{};
  uint32_t tokens_;
  std::optional<Time> refilled_;
  Backoff backoff_;
  uint64_t sent_ = 0;
  uint64_t dropped_ = 0;
};

}  // namespace sluice::kube
