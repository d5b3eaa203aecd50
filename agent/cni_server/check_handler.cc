#include "agent/cni_server/check_handler.h"

#include <algorithm>
#include <string>
#include <vector>

namespace sluice::cni_server {
namespace {

std::string Join(const std::vector<IpAddress>& ips) {
  std::string text;
  for (const IpAddress& ip : ips) text += (text.empty() ? "" : ", ") + ip.ToString();
  return text;
}

// As sets: a runtime may store them in another order.
bool SameAddresses(std::vector<IpAddress> left, std::vector<IpAddress> right) {
  std::sort(left.begin(), left.end());
  std::sort(right.begin(), right.end());
  return left == right;
}

Status Compare(const store::Endpoint& endpoint, const cni::Request& request) {
  const auto differs = [&](const std::string& what, const std::string& is,
                           const std::string& expected) {
    return Refused(what + " of " + endpoint.id.ToString() + " is " + is + ", expected " + expected);
  };
  if (endpoint.pod != PodOf(request)) {
    return differs("the pod", endpoint.pod.ToString(), PodOf(request).ToString());
  }
  if (endpoint.pod_uid != request.pod.uid && !endpoint.pod_uid.empty() &&
      !request.pod.uid.empty()) {
    return differs("the pod's uid", endpoint.pod_uid, request.pod.uid);
  }
  if (!SameAddresses(endpoint.ips, request.ips)) {
    return differs("the address list", Join(endpoint.ips), Join(request.ips));
  }
  if (endpoint.netns != request.netns) {
    return differs("the network namespace", endpoint.netns, request.netns);
  }
  return Ok();
}

}  // namespace

cni::Response HandleCheck(AttachSteps& steps, const cni::Request& request) {
  const std::optional<store::Endpoint> endpoint = steps.Find(IdOf(request));
  if (!endpoint) return NotFound("attachment " + IdOf(request).ToString() + " is not known");
  SLUICE_RETURN_IF_ERROR(Compare(*endpoint, request));
  if (!endpoint->ofport) {
    return Unavailable("the switch has not given port " + endpoint->host_ifname + " a number");
  }
  SLUICE_RETURN_IF_ERROR(steps.CheckLink(*endpoint, request.mtu));
  return cni::Success{};
}

}  // namespace sluice::cni_server
