// AttachSteps over a little world of its own: links, ports and flows are there or are not. Any step
// can be told to fail; callbacks wait until they are run.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "agent/cni_server/steps.h"

namespace sluice::cni_server {

class FakeSteps : public AttachSteps {
 public:
  void WaitForPod(const PodRef& pod, std::chrono::milliseconds deadline, Done done) override {
    waited_for = pod;
    pod_deadline = deadline;
    Later("WaitForPod", std::move(done), Outcome("WaitForPod"));
  }

  Status CreateLink(const store::Endpoint& endpoint, uint32_t /*mtu*/) override {
    SLUICE_RETURN_IF_ERROR(Outcome("CreateLink"));
    links.insert(endpoint.host_ifname);
    return Ok();
  }
  Status DeleteLink(const store::Endpoint& endpoint) override {
    SLUICE_RETURN_IF_ERROR(Outcome("DeleteLink"));
    links.erase(endpoint.host_ifname);
    return Ok();
  }
  Status CheckLink(const store::Endpoint& /*endpoint*/, uint32_t /*mtu*/) override {
    return Outcome("CheckLink");
  }

  // A failure leaves the port: the worst a timeout can mean.
  void AddPort(const store::Endpoint& endpoint, std::function<void(Result<OfPort>)> done) override {
    ports.insert(endpoint.host_ifname);
    const Status outcome = Outcome("AddPort");
    Later(
        "AddPort",
        [outcome, done = std::move(done)](const Status&) {
          done(outcome.ok() ? Result<OfPort>(OfPort{7}) : Result<OfPort>(outcome.error()));
        },
        Ok());
  }
  void DeletePort(const store::Endpoint& endpoint, Done done) override {
    const Status outcome = Outcome("DeletePort");
    if (outcome.ok()) ports.erase(endpoint.host_ifname);
    Later("DeletePort", std::move(done), outcome);
  }

  void Enforce(const store::Endpoint& endpoint, std::chrono::milliseconds /*deadline*/,
               Done done) override {
    endpoints[endpoint.id] = endpoint;
    Later("Enforce", std::move(done), Outcome("Enforce"));
  }
  void Withdraw(const store::AttachmentId& id, Done done) override {
    const Status outcome = Outcome("Withdraw");
    endpoints.erase(id);
    Later("Withdraw", std::move(done), outcome);
  }

  bool HasLink(const store::Endpoint& endpoint) const override {
    return links.contains(endpoint.host_ifname);
  }
  std::optional<store::Endpoint> Find(const store::AttachmentId& id) const override {
    const auto found = endpoints.find(id);
    return found == endpoints.end() ? std::nullopt : std::optional(found->second);
  }
  std::vector<store::Endpoint> Endpoints() const override {
    std::vector<store::Endpoint> all;
    for (const auto& [id, endpoint] : endpoints) all.push_back(endpoint);
    return all;
  }
  Status Ready() const override { return ready; }
  bool IsForwarding() const override { return forwarding; }
  std::vector<IpAddress> Gateways() const override { return gateways; }

  // Runs callbacks until none is left but those held back.
  void Run() {
    while (!pending_.empty()) {
      const auto next = std::exchange(pending_, {});
      for (const auto& callback : next) callback();
    }
  }
  void Hold(const std::string& step) { held_.insert(step); }
  void Release(const std::string& step) {
    held_.erase(step);
    for (auto& callback : std::exchange(holding_[step], {}))
      pending_.push_back(std::move(callback));
    Run();
  }

  bool Empty() const { return links.empty() && ports.empty() && endpoints.empty(); }

  Status ready;
  bool forwarding = true;
  std::vector<IpAddress> gateways{IpAddress::FromV4(0x0af40001)};
  std::map<std::string, Error> failures;  // by step
  std::function<void(const std::string&)> on_step = [](const std::string&) {};
  std::set<std::string> links;
  std::set<std::string> ports;
  std::map<store::AttachmentId, store::Endpoint> endpoints;
  PodRef waited_for;
  std::chrono::milliseconds pod_deadline{0};

 private:
  Status Outcome(const std::string& step) {
    on_step(step);
    const auto failure = failures.find(step);
    return failure == failures.end() ? Ok() : Status(failure->second);
  }
  void Later(const std::string& step, Done done, Status status) {
    std::function<void()> callback = [done = std::move(done), status = std::move(status)] {
      done(status);
    };
    (held_.contains(step) ? holding_[step] : pending_).push_back(std::move(callback));
  }

  std::deque<std::function<void()>> pending_;
  std::map<std::string, std::deque<std::function<void()>>> holding_;
  std::set<std::string> held_;
};

inline cni::Request AddRequest() {
  return {.verb = cni::Verb::kAdd,
          .network = "sluice",
          .container_id = "c1",
          .ifname = "eth0",
          .netns = "/run/netns/c1",
          .pod = {.ns = "shop", .name = "web", .uid = "u1"},
          .ips = {IpAddress::FromV4(0x0af40005)},
          .gateways = {IpAddress::FromV4(0x0af40001)},
          .mtu = 1500,
          .valid_attachments = {},
          .deadline = std::chrono::milliseconds(30'000)};
}

}  // namespace sluice::cni_server
