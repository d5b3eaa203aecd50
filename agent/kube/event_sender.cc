#include "agent/kube/event_sender.h"

#include <glog/logging.h>

#include <chrono>
#include <utility>

#include "agent/kube/api_object.h"

namespace sluice::kube {
namespace {

using Answer = EventQueue::Answer;

constexpr int kConflict = 409;
constexpr int kTooManyRequests = 429;
constexpr int kServerError = 500;

// Conflict: another node was first. Any other refusal is final: asked again, it would be the same.
Answer AnswerOf(int code) {
  return code >= kServerError || code == kTooManyRequests ? Answer::kFailed : Answer::kDone;
}

}  // namespace

EventSender::EventSender(boost::asio::io_context& io, Spec spec)
    : spec_(std::move(spec)),
      client_(std::make_shared<ApiClient>(io, spec_.access)),
      timer_(io),
      queue_(spec_.queue) {}

void EventSender::Tell(Event event) {
  queue_.Tell(std::move(event));
  Go();
}

void EventSender::Go() {
  const auto step = queue_.Next(std::chrono::steady_clock::now());
  if (!step) return;
  if (const auto* event = std::get_if<Event>(&*step)) return Send(*event);
  timer_.expires_after(std::get<EventQueue::Wait>(*step).duration);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& cancelled) {
    const auto self = weak.lock();
    if (!cancelled && self) self->Go();
  });
}

void EventSender::Send(const Event& event) {
  EventPost post = PostOf(event, {spec_.node, std::chrono::system_clock::now()});
  // The client drops its events with itself; it lives no longer than this.
  AnswerEvents events;
  events.accepted = [] {};
  events.body = [](std::string_view) {};
  events.ended = [this] { Answered(Answer::kDone); };
  events.refused = [this](const RefusedAnswer& answer) {
    if (answer.code != kConflict) {
      LOG(WARNING) << "event refused: " << DecodeStatus(answer.code, answer.body).ToString();
    }
    Answered(AnswerOf(answer.code));
  };
  events.failed = [this](const Error&) { Answered(Answer::kFailed); };
  client_->Post(std::move(post.target), std::move(post.json), events);
}

void EventSender::Answered(Answer answer) {
  queue_.OnAnswer(answer, std::chrono::steady_clock::now());
  Go();
}

}  // namespace sluice::kube
