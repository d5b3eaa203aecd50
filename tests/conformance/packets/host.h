// Host: a network namespace with servers in it: a pod's, or a machine's outside of the cluster.
#pragma once

#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <utility>

#include "tests/conformance/packets/network_namespace.h"
#include "tests/conformance/packets/server.h"

namespace sluice::conformance {

class Host {
 public:
  explicit Host(NetworkNamespace netns) : netns_(std::move(netns)) {}

  // It serves the port from then on. `home` is where the calling thread belongs.
  Status Serve(const Server::Spec& spec, const NetworkNamespace& home, boost::asio::io_context& io);
  const NetworkNamespace& netns() const { return netns_; }

 private:
  NetworkNamespace netns_;
  std::map<std::pair<IpFamily, Service>, std::unique_ptr<Server>> servers_;
};

// What the node routes to its pods. Pods of other addresses reach each other, but nothing outside.
inline constexpr char kPodPrefixIPv4[] = "100.64.0.0/10";
inline constexpr char kPodPrefixIPv6[] = "fd7f:c0f0::/64";

// Why no machine outside can have the address; absent: one can.
std::optional<std::string> WhyNoHost(const IpAddress& ip);

// A machine outside of the cluster with the address, one link from the node, which routes for it.
// `number` is its own; `home` is the node's namespace, where the calling thread is.
struct OutsideHostSpec {
  IpAddress ip;
  uint32_t number = 0;
};
Result<Host> AttachOutsideHost(const OutsideHostSpec& spec, const NetworkNamespace& home);

}  // namespace sluice::conformance
