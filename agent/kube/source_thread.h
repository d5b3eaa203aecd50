// SourceThread: a KubeSource on a thread of its own. TLS, decoding and what a long list takes
// happen there; what is decoded is handed over to the thread of the listener.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "agent/kube/kube_source.h"

namespace sluice::kube {

class SourceThread : private KubeSource::Listener {
 public:
  // The listener is called by `owner`; whoever runs it makes and destroys this object.
  SourceThread(boost::asio::io_context& owner, KubeSource::Spec spec,
               KubeSource::Listener& listener);
  // Afterwards nothing is called any more.
  ~SourceThread() override;
  SourceThread(const SourceThread&) = delete;
  SourceThread& operator=(const SourceThread&) = delete;

  // As KubeSource's.
  Status Start();
  // As the source's thread left them last; nobody waits for it.
  std::vector<KubeSource::WatchState> Watches() const;

 private:
  void OnObjects(std::vector<store::StoreEvent> events) override;
  void OnNodes(std::vector<store::StoreEvent> events) override;
  void OnComplaints(const std::vector<Complaint>& complaints) override;
  void OnWatches() override;

  template <typename Call>
  void HandOver(Call call);

  boost::asio::io_context& owner_;
  std::shared_ptr<KubeSource::Listener*> listener_;  // gone: nobody wants to hear any more
  boost::asio::io_context io_{1};
  KubeSource source_;
  mutable std::mutex watches_mutex_;
  std::vector<KubeSource::WatchState> watches_;
  std::thread thread_;
};

}  // namespace sluice::kube
