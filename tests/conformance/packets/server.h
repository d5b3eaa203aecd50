// Server: answers on one port in the network namespace where it was made, by its name.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "ofctl/base/result.h"
#include "tests/conformance/cluster_case.h"

namespace sluice::conformance {

class Server {
 public:
  struct Spec {
    Service service;
    IpFamily family = IpFamily::kIPv4;
    std::string name;  // of the pod
  };

  virtual ~Server() = default;

  // Listens, on every address of the namespace that the calling thread is in, and serves while `io`
  // runs, until destroyed.
  static Result<std::unique_ptr<Server>> Start(boost::asio::io_context& io, const Spec& spec);
};

}  // namespace sluice::conformance
