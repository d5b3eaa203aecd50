// What the CNI handlers need of the rest of the agent, as interfaces: cni_server knows neither the
// store, nor OVSDB, nor netlink. agent.cc provides them.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/store/endpoint.h"
#include "ofctl/base/ip.h"
#include "ofctl/base/result.h"

namespace sluice::cni_server {

using Done = std::function<void(Status)>;

struct PodRef {
  store::ObjectKey key;
  std::string uid;  // empty: any pod of that name
};

// Callbacks run later, never inside the call, and always run.
class AttachSteps {
 public:
  virtual ~AttachSteps() = default;

  // Done when the pod object is known; kTimeout, saying which pod was waited for, otherwise.
  virtual void WaitForPod(const PodRef& pod, std::chrono::milliseconds deadline, Done done) = 0;

  // veth pair, addresses, routes. Blocking, well under a few milliseconds.
  virtual Status CreateLink(const store::Endpoint& endpoint, uint32_t mtu) = 0;
  virtual Status DeleteLink(const store::Endpoint& endpoint) = 0;
  virtual Status CheckLink(const store::Endpoint& endpoint, uint32_t mtu) = 0;

  // The port with its external_ids; the result is its ofport.
  virtual void AddPort(const store::Endpoint& endpoint,
                       std::function<void(Result<OfPort>)> done) = 0;
  virtual void DeletePort(const store::Endpoint& endpoint, Done done) = 0;

  // The endpoint becomes part of the state; Done when the switch has acknowledged the bundle that
  // holds its gate and its verdict flows, kTimeout otherwise.
  virtual void Enforce(const store::Endpoint& endpoint, std::chrono::milliseconds deadline,
                       Done done) = 0;
  // The endpoint leaves the state; Done when its flows are gone, or the switch is unreachable
  // (its flows go when it is back).
  virtual void Withdraw(const store::AttachmentId& id, Done done) = 0;

  // False only if the kernel says so: then the pod's network namespace is gone as well, for the two
  // ends of a veth pair end together.
  virtual bool HasLink(const store::Endpoint& endpoint) const = 0;

  virtual std::optional<store::Endpoint> Find(const store::AttachmentId& id) const = 0;
  virtual std::vector<store::Endpoint> Endpoints() const = 0;
  // Unavailable, with what is missing, while the agent cannot attach pods.
  virtual Status Ready() const = 0;
  // False while there is no switch that would forward for the pods that are attached.
  virtual bool IsForwarding() const = 0;
  // The node's own addresses in the pods' network, one a family.
  virtual std::vector<IpAddress> Gateways() const = 0;
};

}  // namespace sluice::cni_server
