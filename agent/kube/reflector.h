// Reflector: how one resource is followed, list and watch, as a state machine. Pure: answers come
// in, the next step comes out; the caller has the connection and the clock.
//
//   kStreamingList ──────── initial-events-end ────────► kWatching ──┐ ended by time-out
//     │ 400, 422: not served       last page  ┌────────────► │  ▲────┘
//     ▼                                       │              │
//   kListing ──── page ───► kListing ─────────┘              │ 410, no event: list again
//     ▲                                                      ▼ anything else: watch again
//     └──────────────────────────────────────────────── kBackingOff
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/kube/api_object.h"
#include "agent/kube/complaint.h"
#include "agent/kube/list_decoder.h"
#include "agent/kube/resource.h"
#include "agent/kube/resource_view.h"
#include "ofctl/base/backoff.h"
#include "ofctl/base/result.h"

namespace sluice::kube {

// The answer is a list, or a stream of watch events.
enum class AnswerKind : uint8_t { kList, kWatch };

struct Request {
  AnswerKind answer = AnswerKind::kList;
  std::string target;  // path and query

  friend bool operator==(const Request&, const Request&) = default;
};
struct Wait {
  std::chrono::milliseconds duration{0};

  friend bool operator==(const Wait&, const Wait&) = default;
};
using Step = std::variant<Request, Wait>;

struct ReflectorCounters {
  uint64_t lists = 0;     // that were whole
  uint64_t failures = 0;  // refused, or broken off
  uint64_t events = 0;    // of watches, bookmarks included

  friend bool operator==(const ReflectorCounters&, const ReflectorCounters&) = default;
};

struct Refusal {
  ApiStatus status;
  std::chrono::seconds retry_after{0};  // 0: the server named no time
};

class Reflector {
 public:
  using Milliseconds = std::chrono::milliseconds;
  enum class State : uint8_t { kIdle, kStreamingList, kListing, kWatching, kBackingOff };

  struct Spec {
    Resource resource = Resource::kPods;
    uint32_t page_size = 500;
    // Each wait is drawn from half to one and a half times of what the backoff says, so that the
    // agents of all nodes do not come back together.
    Backoff::Spec backoff{.first = Milliseconds(500), .max = Milliseconds(20'000)};
    uint32_t seed = 1;  // of the jitter
  };

  explicit Reflector(const Spec& spec);

  Step Start();

  // Of the answer to the latest Request. The server took it: 200.
  void OnAccepted();
  // ... a list's objects, in any number of calls, then its end.
  void OnItems(std::vector<ApiObject> objects);
  Step OnListEnd(const ListMeta& meta);
  // ... a watch's events. A Step means that the rest of the answer is not wanted.
  std::optional<Step> OnEvents(std::vector<WatchEvent> events);
  // ... a watch that the server ended in good order after so long.
  Step OnWatchEnd(Milliseconds lasted);
  // ... no 200.
  Step OnRefused(const Refusal& refusal);
  // ... no answer, or one that broke off; kInvalid if it makes no sense.
  Step OnFailed(const Error& error);
  // The latest Wait is over.
  Step OnWaited();

  Resource resource() const { return spec_.resource; }
  State state() const { return state_; }
  // All objects have been listed, once.
  bool synced() const { return synced_; }
  // Why nothing is heard now; empty: nothing is wrong.
  const std::string& trouble() const { return trouble_; }
  // A list was whole, or a watch said something, since the last trouble.
  bool works() const { return works_; }
  const ReflectorCounters& counters() const { return counters_; }
  std::vector<store::StoreEvent> TakeEvents() { return view_.TakeEvents(); }
  std::vector<Complaint> Complaints() const;
  // Whether they may be others than at the last call.
  bool TakeComplaintsChanged();

 private:
  enum class Next : uint8_t { kList, kWatch };
  enum class Streaming : uint8_t { kTry, kRefused };
  enum class Paging : uint8_t { kPaged, kWhole };

  Step BeginList();
  Step RequestPage();
  Step Watch();
  void ListIsWhole(const std::string& resource_version);
  Step BackOff(Next next, Milliseconds at_least);
  Step HistoryIsGone();
  std::optional<Step> OnEvent(WatchEvent event);
  void OnChange(ObjectChange change);
  void OnBookmark(const Bookmark& bookmark);
  void WatchWorks();
  std::string DoingWhat() const;
  uint32_t WatchSeconds();

  Spec spec_;
  Backoff backoff_;
  std::minstd_rand random_;
  ResourceView view_;
  State state_ = State::kIdle;
  Next next_ = Next::kList;  // after the wait
  Streaming streaming_ = Streaming::kTry;
  Paging paging_ = Paging::kPaged;
  std::string continuation_;
  std::string resource_version_;
  bool event_seen_ = false;  // in this watch
  bool synced_ = false;
  bool works_ = false;
  ReflectorCounters counters_;
  std::string trouble_;       // why nothing is heard
  std::string told_trouble_;  // at the last TakeComplaintsChanged
};

std::string_view ToString(Reflector::State state);

}  // namespace sluice::kube
