#include "agent/kube/resource_watch.h"

#include <utility>

namespace sluice::kube {

ResourceWatch::ResourceWatch(boost::asio::io_context& io, const Spec& spec,
                             std::function<void()> changed)
    : resource_(spec.reflector.resource),
      patience_(spec.patience),
      reflector_(spec.reflector),
      client_(std::make_shared<ApiClient>(io, spec.access)),
      timer_(io),
      changed_(std::move(changed)),
      decoder_(ListDecoder(spec.reflector.resource)) {}

void ResourceWatch::Start() { Take(reflector_.Start()); }

void ResourceWatch::Stop() {
  changed_ = nullptr;
  timer_.cancel();
  client_->Cancel();
}

void ResourceWatch::Take(const Step& step) {
  if (const auto* request = std::get_if<Request>(&step)) {
    Send(*request);
  } else {
    SleepFor(std::get<Wait>(step).duration);
  }
}

void ResourceWatch::SleepFor(std::chrono::milliseconds duration) {
  timer_.expires_after(duration);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& cancelled) {
    const auto self = weak.lock();
    if (!cancelled && self && self->changed_) self->Advance(self->reflector_.OnWaited());
  });
}

void ResourceWatch::Send(const Request& request) {
  const bool list = request.answer == AnswerKind::kList;
  if (list) {
    decoder_ = ListDecoder(resource_);
  } else {
    decoder_ = WatchDecoder(resource_);
  }
  // The client drops its events when it is told to; it lives no longer than this.
  AnswerEvents events;
  events.accepted = [this] {
    accepted_at_ = std::chrono::steady_clock::now();
    heard_at_ = std::chrono::system_clock::now();
    reflector_.OnAccepted();
    Advance(std::nullopt);
  };
  events.body = [this](std::string_view chunk) { OnBody(chunk); };
  events.ended = [this] { OnEnd(); };
  events.refused = [this](const RefusedAnswer& answer) {
    Advance(reflector_.OnRefused({DecodeStatus(answer.code, answer.body), answer.retry_after}));
  };
  events.failed = [this](const Error& error) { Advance(reflector_.OnFailed(error)); };
  client_->Get(request.target, list ? patience_.list : patience_.watch, events);
}

void ResourceWatch::OnBody(std::string_view chunk) {
  heard_at_ = std::chrono::system_clock::now();
  const auto step = Decode(chunk);
  if (step) client_->Cancel();
  Advance(step);
}

std::optional<Step> ResourceWatch::Decode(std::string_view chunk) {
  if (auto* list = std::get_if<ListDecoder>(&decoder_)) {
    auto objects = list->Feed(chunk);
    if (!objects.ok()) return reflector_.OnFailed(objects.error());
    reflector_.OnItems(*std::move(objects));
    return std::nullopt;
  }
  auto events = std::get<WatchDecoder>(decoder_).Feed(chunk);
  if (!events.ok()) return reflector_.OnFailed(events.error());
  return reflector_.OnEvents(*std::move(events));
}

void ResourceWatch::OnEnd() {
  if (const auto* list = std::get_if<ListDecoder>(&decoder_)) {
    const auto meta = list->Finish();
    Advance(meta.ok() ? reflector_.OnListEnd(*meta) : reflector_.OnFailed(meta.error()));
    return;
  }
  const auto lasted = std::chrono::steady_clock::now() - accepted_at_;
  Advance(reflector_.OnWatchEnd(std::chrono::duration_cast<std::chrono::milliseconds>(lasted)));
}

void ResourceWatch::Advance(const std::optional<Step>& step) {
  const auto self = shared_from_this();  // `changed` may drop it
  if (step) Take(*step);
  if (changed_) changed_();
}

}  // namespace sluice::kube
