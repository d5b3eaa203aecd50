// EventSender: writes Events to the apiserver. The edge around an EventQueue.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>

#include "agent/kube/api_client.h"
#include "agent/kube/cluster_access.h"
#include "agent/kube/event_queue.h"

namespace sluice::kube {

class EventSender : public std::enable_shared_from_this<EventSender> {
 public:
  struct Spec {
    ClusterAccess access;
    std::string node;  // reportingInstance
    EventQueue::Spec queue;
  };

  EventSender(boost::asio::io_context& io, Spec spec);

  // Once for the same object and message, however often it is told.
  void Tell(Event event);
  const EventQueue& queue() const { return queue_; }

 private:
  void Go();
  void Send(const Event& event);
  void Answered(EventQueue::Answer answer);

  const Spec spec_;
  std::shared_ptr<ApiClient> client_;
  boost::asio::steady_timer timer_;
  EventQueue queue_;
};

}  // namespace sluice::kube
