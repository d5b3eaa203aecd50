#include "agent/kube/source_thread.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace sluice::kube {

SourceThread::SourceThread(boost::asio::io_context& owner, KubeSource::Spec spec,
                           KubeSource::Listener& listener)
    : owner_(owner),
      listener_(std::make_shared<KubeSource::Listener*>(&listener)),
      source_(io_, std::move(spec), static_cast<KubeSource::Listener&>(*this)) {}

SourceThread::~SourceThread() {
  io_.stop();
  if (thread_.joinable()) thread_.join();
}

Status SourceThread::Start() {
  SLUICE_RETURN_IF_ERROR(source_.Start());
  thread_ = std::thread([this] { io_.run(); });
  return Ok();
}

// In the order of the calls. Only the owner's thread ever asks whether there is a listener.
template <typename Call>
void SourceThread::HandOver(Call call) {
  boost::asio::post(owner_, [weak = std::weak_ptr(listener_), call = std::move(call)]() mutable {
    if (const auto listener = weak.lock()) call(**listener);
  });
}

void SourceThread::OnObjects(std::vector<store::StoreEvent> events) {
  HandOver([events = std::move(events)](KubeSource::Listener& listener) mutable {
    listener.OnObjects(std::move(events));
  });
}

void SourceThread::OnNodes(std::vector<store::StoreEvent> events) {
  HandOver([events = std::move(events)](KubeSource::Listener& listener) mutable {
    listener.OnNodes(std::move(events));
  });
}

void SourceThread::OnComplaints(const std::vector<Complaint>& complaints) {
  HandOver([complaints](KubeSource::Listener& listener) { listener.OnComplaints(complaints); });
}

void SourceThread::OnWatches() {
  auto watches = source_.Watches();
  const std::lock_guard lock(watches_mutex_);
  watches_ = std::move(watches);
}

std::vector<KubeSource::WatchState> SourceThread::Watches() const {
  const std::lock_guard lock(watches_mutex_);
  return watches_;
}

}  // namespace sluice::kube
