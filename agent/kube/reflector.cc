#include "agent/kube/reflector.h"

#include <algorithm>
#include <utility>

#include "agent/kube/request_target.h"

namespace sluice::kube {
namespace {

using std::chrono::milliseconds;

// Long enough to cost nothing, short enough that a balancer in between sheds load now and then;
// client-go draws from the same range.
constexpr uint32_t kMinWatchSeconds = 300;
constexpr uint32_t kMaxWatchSeconds = 600;
// A watch that ends sooner without having said anything has not worked.
constexpr milliseconds kShortWatch{1000};

constexpr int kBadRequest = 400;
constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;
constexpr int kGone = 410;
constexpr int kUnprocessable = 422;
constexpr int kTooManyRequests = 429;
constexpr int kServerError = 500;

bool IsGone(const ApiStatus& status) {
  return status.code == kGone || status.reason == "Expired" || status.reason == "Gone" ||
         status.version_too_large;
}

// Whether asking for the same watch again may succeed.
bool IsPassing(int code) {
  return code >= kServerError || code == kTooManyRequests || code == kUnauthorized ||
         code == kForbidden;
}

}  // namespace

std::string_view ToString(Reflector::State state) {
  switch (state) {
    case Reflector::State::kIdle:
      return "idle";
    case Reflector::State::kStreamingList:
      return "streaming list";
    case Reflector::State::kListing:
      return "list";
    case Reflector::State::kWatching:
      return "watch";
    case Reflector::State::kBackingOff:
      return "backing off";
  }
  return "";
}

Reflector::Reflector(const Spec& spec)
    : spec_(spec), backoff_(spec.backoff), random_(spec.seed), view_(spec.resource) {}

Step Reflector::Start() { return BeginList(); }

Step Reflector::BeginList() {
  view_.BeginList();
  continuation_.clear();
  if (streaming_ == Streaming::kRefused) return RequestPage();
  state_ = State::kStreamingList;
  event_seen_ = false;
  return Request{AnswerKind::kWatch, StreamingListTarget(spec_.resource, WatchSeconds())};
}

Step Reflector::RequestPage() {
  state_ = State::kListing;
  const uint32_t limit = paging_ == Paging::kPaged ? spec_.page_size : 0;
  return Request{AnswerKind::kList, ListTarget(spec_.resource, {limit, continuation_})};
}

Step Reflector::Watch() {
  state_ = State::kWatching;
  event_seen_ = false;
  return Request{AnswerKind::kWatch,
                 WatchTarget(spec_.resource, {resource_version_, WatchSeconds()})};
}

uint32_t Reflector::WatchSeconds() {
  return std::uniform_int_distribution<uint32_t>(kMinWatchSeconds, kMaxWatchSeconds)(random_);
}

void Reflector::OnAccepted() { trouble_.clear(); }

void Reflector::OnItems(std::vector<ApiObject> objects) {
  for (ApiObject& object : objects) {
    view_.Collect({ObjectChange::Type::kPut, std::move(object)});
  }
}

Step Reflector::OnListEnd(const ListMeta& meta) {
  if (!meta.continue_token.empty()) {
    if (meta.continue_token == continuation_) {
      return OnFailed(Invalid("the list goes on where it began"));
    }
    continuation_ = meta.continue_token;
    return RequestPage();
  }
  ListIsWhole(meta.resource_version);
  // The server may be another one by the next list.
  streaming_ = Streaming::kTry;
  paging_ = Paging::kPaged;
  return Watch();
}

void Reflector::ListIsWhole(const std::string& resource_version) {
  view_.EndList();
  ++counters_.lists;
  resource_version_ = resource_version;
  synced_ = true;
  works_ = true;
}

std::optional<Step> Reflector::OnEvents(std::vector<WatchEvent> events) {
  for (WatchEvent& event : events) {
    if (auto step = OnEvent(std::move(event))) return step;
  }
  return std::nullopt;
}

std::optional<Step> Reflector::OnEvent(WatchEvent event) {
  if (const auto* status = std::get_if<ApiStatus>(&event)) return OnRefused({*status, {}});
  event_seen_ = true;
  ++counters_.events;
  if (const auto* bookmark = std::get_if<Bookmark>(&event)) {
    OnBookmark(*bookmark);
  } else {
    OnChange(std::get<ObjectChange>(std::move(event)));
  }
  return std::nullopt;
}

void Reflector::OnChange(ObjectChange change) {
  if (state_ == State::kStreamingList) {
    view_.Collect(std::move(change));
    return;
  }
  WatchWorks();
  // An object that did not say where it stands in history leaves us where we were: some events come
  // twice then, which changes nothing.
  if (!change.object.resource_version.empty()) {
    resource_version_ = change.object.resource_version;
  }
  if (change.type == ObjectChange::Type::kDeleted) {
    view_.Delete(change.object);
  } else {
    view_.Put(std::move(change.object));
  }
}

void Reflector::OnBookmark(const Bookmark& bookmark) {
  if (state_ == State::kStreamingList) {
    if (!bookmark.initial_events_end || bookmark.resource_version.empty()) return;
    ListIsWhole(bookmark.resource_version);
    state_ = State::kWatching;
  } else if (!bookmark.resource_version.empty()) {
    resource_version_ = bookmark.resource_version;
  }
  WatchWorks();
}

void Reflector::WatchWorks() {
  backoff_.Succeeded();
  works_ = true;
}

Step Reflector::OnWatchEnd(milliseconds lasted) {
  if (state_ == State::kStreamingList) {
    return OnFailed(Unavailable("ended before all objects had come"));
  }
  if (!event_seen_ && lasted < kShortWatch) return OnFailed(Unavailable("ended at once"));
  WatchWorks();
  return Watch();
}

Step Reflector::OnRefused(const Refusal& refusal) {
  const ApiStatus& status = refusal.status;
  if (IsGone(status)) return HistoryIsGone();
  const bool not_served = status.code == kBadRequest || status.code == kUnprocessable;
  if (state_ == State::kStreamingList && not_served) {
    streaming_ = Streaming::kRefused;
    return BeginList();
  }
  ++counters_.failures;
  works_ = false;
  trouble_ = DoingWhat() + " refused: " + status.ToString();
  const bool same_again = state_ == State::kWatching && IsPassing(status.code);
  return BackOff(same_again ? Next::kWatch : Next::kList, refusal.retry_after);
}

// The server has forgotten what came after our resourceVersion. That is no trouble, only work;
// still after a wait, because it happens to every agent of the cluster at once.
Step Reflector::HistoryIsGone() {
  // A list too long for its pages to outlive compaction: all in one answer.
  if (state_ == State::kListing && !continuation_.empty()) {
    paging_ = Paging::kWhole;
    return BeginList();
  }
  return BackOff(Next::kList, milliseconds(0));
}

Step Reflector::OnFailed(const Error& error) {
  ++counters_.failures;
  works_ = false;
  trouble_ = DoingWhat() + ": " + error.message();
  // Ended by silence: perhaps it passed over sendInitialEvents and believes to have told all.
  if (state_ == State::kStreamingList && error.code() == ErrorCode::kTimeout) {
    streaming_ = Streaming::kRefused;
  }
  const bool same_again = state_ == State::kWatching && error.code() != ErrorCode::kInvalid;
  return BackOff(same_again ? Next::kWatch : Next::kList, milliseconds(0));
}

Step Reflector::BackOff(Next next, milliseconds at_least) {
  state_ = State::kBackingOff;
  next_ = next;
  const auto base = backoff_.Failed().count();
  const auto wait =
      std::uniform_int_distribution<milliseconds::rep>(base - base / 2, base + base / 2)(random_);
  const milliseconds capped = std::min(at_least, spec_.backoff.max);
  return Wait{std::max(milliseconds(wait), capped)};
}

Step Reflector::OnWaited() { return next_ == Next::kWatch ? Watch() : BeginList(); }

std::string Reflector::DoingWhat() const {
  return std::string(NameOf(spec_.resource)) + ": " + std::string(ToString(state_));
}

bool Reflector::TakeComplaintsChanged() {
  const bool of_objects = view_.TakeComplaintsChanged();
  return std::exchange(told_trouble_, trouble_) != trouble_ || of_objects;
}

std::vector<Complaint> Reflector::Complaints() const {
  std::vector<Complaint> complaints;
  if (!trouble_.empty()) {
    const std::string_view known = synced_ ? "; what is known stays in force" : "";
    complaints.push_back({Complaint::Severity::kError, trouble_ + std::string(known)});
  }
  for (Complaint& complaint : view_.Complaints()) complaints.push_back(std::move(complaint));
  return complaints;
}

}  // namespace sluice::kube
