// ResourceWatch: one resource followed over one connection of its own. The edge around a Reflector:
// it has the connection and the clock, and decides nothing.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/kube/api_client.h"
#include "agent/kube/cluster_access.h"
#include "agent/kube/list_decoder.h"
#include "agent/kube/reflector.h"
#include "agent/kube/watch_decoder.h"

namespace sluice::kube {

struct WatchPatience {
  Patience list;
  // The apiserver sends a bookmark every minute or so; twice that and a half is silence.
  Patience watch{.body = std::chrono::milliseconds(150'000)};
};

class ResourceWatch : public std::enable_shared_from_this<ResourceWatch> {
 public:
  struct Spec {
    Reflector::Spec reflector;
    ClusterAccess access;
    WatchPatience patience;
  };

  // `changed` is called after anything happened: look at reflector().
  ResourceWatch(boost::asio::io_context& io, const Spec& spec, std::function<void()> changed);

  // `changed` is not called from inside.
  void Start();
  // Nothing is called any more.
  void Stop();
  // Of the last answer, or piece of one; the epoch: never.
  std::chrono::system_clock::time_point heard_at() const { return heard_at_; }
  Reflector& reflector() { return reflector_; }
  const Reflector& reflector() const { return reflector_; }

 private:
  void Take(const Step& step);
  void Send(const Request& request);
  void SleepFor(std::chrono::milliseconds duration);
  void OnBody(std::string_view chunk);
  std::optional<Step> Decode(std::string_view chunk);
  void OnEnd();
  // What the latest answer led to; none: the answer goes on.
  void Advance(const std::optional<Step>& step);

  Resource resource_;
  WatchPatience patience_;
  Reflector reflector_;
  std::shared_ptr<ApiClient> client_;
  boost::asio::steady_timer timer_;
  std::function<void()> changed_;
  std::variant<ListDecoder, WatchDecoder> decoder_;
  std::chrono::steady_clock::time_point accepted_at_;
  std::chrono::system_clock::time_point heard_at_;
};

}  // namespace sluice::kube
