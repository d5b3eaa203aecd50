// OwnNode: asks the apiserver for one Node until it says which networks its pods have.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>

#include "agent/kube/api_client.h"
#include "agent/kube/cluster_access.h"
#include "agent/store/objects.h"
#include "ofctl/base/backoff.h"
#include "ofctl/base/result.h"

namespace sluice::kube {

class OwnNode : public std::enable_shared_from_this<OwnNode> {
 public:
  struct Spec {
    ClusterAccess access;
    std::string name;
    Patience patience;
    // Each wait is drawn from half to one and a half times of what the backoff says.
    Backoff::Spec backoff{.first = std::chrono::milliseconds(250),
                          .max = std::chrono::milliseconds(5'000)};
    uint32_t seed = 1;  // of the jitter; another one in every agent
  };

  // `found` is called once, with pod_cidrs that are not empty.
  OwnNode(boost::asio::io_context& io, Spec spec, std::function<void(store::Node)> found);

  // Error if the credentials cannot be read or used. An apiserver that is away is no error.
  Status Start();
  // Nothing is called any more.
  void Stop();
  // Why it is not found yet: "Node n1: has no spec.podCIDRs yet".
  const std::string& missing() const { return missing_; }

 private:
  void Ask();
  void OnBody(std::string_view bytes);
  void OnEnd();
  void AskLater(const std::string& missing);

  Spec spec_;
  std::function<void(store::Node)> found_;
  std::shared_ptr<ApiClient> client_;
  boost::asio::steady_timer timer_;
  Backoff backoff_;
  std::minstd_rand random_;
  std::string body_;
  std::string missing_;
};

}  // namespace sluice::kube
