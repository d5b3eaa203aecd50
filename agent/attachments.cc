#include "agent/attachments.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace sluice {
namespace {

// How long a withdrawal waits for the switch. The flows are out of the desired state at once, and
// go as soon as the switch listens again.
constexpr std::chrono::milliseconds kWithdrawDeadline{2000};

}  // namespace

std::shared_ptr<void> Attachments::Deadline(std::chrono::milliseconds deadline,
                                            std::function<void()> late) {
  auto timer = std::make_shared<boost::asio::steady_timer>(parts_.io, deadline);
  timer->async_wait([late = std::move(late)](const boost::system::error_code& canceled) {
    if (!canceled) late();
  });
  return timer;
}

void Attachments::WaitForPod(const cni_server::PodRef& pod, std::chrono::milliseconds deadline,
                             cni_server::Done done) {
  if (PodWaiters::Known(parts_.desired.store(), pod)) {
    boost::asio::post(parts_.io, [done = std::move(done)] { done(Ok()); });
    return;
  }
  // The timer dies with whichever of the two comes first.
  auto timer = std::make_shared<std::shared_ptr<void>>();
  const uint64_t id = waiting_.Await(pod, [this, done, timer] {
    timer->reset();
    boost::asio::post(parts_.io, [done] { done(Ok()); });
  });
  *timer = Deadline(deadline, [this, id, pod, done] {
    if (!waiting_.Cancel(id)) return;
    done(Timeout("pod " + pod.key.ToString() + (pod.uid.empty() ? "" : " (uid " + pod.uid + ")") +
                 " is not known to any source"));
  });
}

netlink::PodLinkSpec Attachments::LinkSpec(const store::Endpoint& endpoint, uint32_t mtu) const {
  return {.host_ifname = endpoint.host_ifname,
          .netns = endpoint.netns,
          .ifname = endpoint.id.ifname,
          .mac = endpoint.mac,
          .ips = endpoint.ips,
          .gateways = parts_.options.gateways(),
          .gateway_mac = store::MacFor(parts_.options.gateways()),
          .mtu = mtu != 0 ? mtu : parts_.options.mtu};
}

Status Attachments::CreateLink(const store::Endpoint& endpoint, uint32_t mtu) {
  return parts_.network.Attach(LinkSpec(endpoint, mtu));
}

Status Attachments::DeleteLink(const store::Endpoint& endpoint) {
  return parts_.network.Detach(endpoint.host_ifname);
}

Status Attachments::CheckLink(const store::Endpoint& endpoint, uint32_t mtu) {
  return parts_.network.Check(LinkSpec(endpoint, mtu));
}

void Attachments::AddPort(const store::Endpoint& endpoint,
                          std::function<void(Result<OfPort>)> done) {
  parts_.database.AddPort(endpoint.host_ifname, store::ToExternalIds(endpoint), std::move(done));
}

void Attachments::DeletePort(const store::Endpoint& endpoint, cni_server::Done done) {
  parts_.database.DeletePort(endpoint.host_ifname, std::move(done));
}

void Attachments::Enforce(const store::Endpoint& endpoint, std::chrono::milliseconds deadline,
                          cni_server::Done done) {
  parts_.desired.PutEndpoint(endpoint);
  auto timer = std::make_shared<std::shared_ptr<void>>();
  const auto installed = [this, id = endpoint.id, done, timer] {
    timer->reset();
    const store::EndpointState* state = parts_.desired.store().FindEndpoint(id);
    // Acknowledged, but as a closed door: the pod object went while we waited.
    const bool open = state != nullptr && state->gate == store::Gate::kOpen;
    const Status result = open ? Ok() : Unavailable("the pod went away while it was attached");
    boost::asio::post(parts_.io, [done, result] { done(result); });
  };
  const reconcile::WaiterId waiter = parts_.reconciler.AwaitInstalled(installed);
  *timer = Deadline(deadline, [this, waiter, done] {
    if (!parts_.reconciler.Cancel(waiter)) return;
    done(Timeout("the switch has not acknowledged the pod's flows (" +
                 std::string(reconcile::ToString(parts_.reconciler.state())) + ")"));
  });
}

void Attachments::Withdraw(const store::AttachmentId& id, cni_server::Done done) {
  parts_.desired.RemoveEndpoint(id);
  auto timer = std::make_shared<std::shared_ptr<void>>();
  const reconcile::WaiterId waiter = parts_.reconciler.AwaitInstalled([this, done, timer] {
    timer->reset();
    boost::asio::post(parts_.io, [done] { done(Ok()); });
  });
  const bool reachable = parts_.reconciler.state() == reconcile::SyncState::kInSync;
  *timer =
      Deadline(reachable ? kWithdrawDeadline : std::chrono::milliseconds(0), [this, waiter, done] {
        if (parts_.reconciler.Cancel(waiter)) done(Ok());
      });
}

bool Attachments::HasLink(const store::Endpoint& endpoint) const {
  // Whatever else goes wrong is no proof.
  const Result<bool> attached = parts_.network.IsAttached(endpoint.host_ifname);
  return !attached.ok() || *attached;
}

std::vector<store::Endpoint> Attachments::Endpoints() const {
  std::vector<store::Endpoint> endpoints;
  for (const auto& [id, state] : parts_.desired.store().endpoints()) {
    endpoints.push_back(state.endpoint);
  }
  return endpoints;
}

std::optional<store::Endpoint> Attachments::Find(const store::AttachmentId& id) const {
  const store::EndpointState* state = parts_.desired.store().FindEndpoint(id);
  if (state == nullptr) return std::nullopt;
  return state->endpoint;
}

Status Attachments::Ready() const {
  const reconcile::SyncState state = parts_.reconciler.state();
  if (state == reconcile::SyncState::kInSync) return Ok();
  std::string why = "the agent is not in sync with the switch yet (" +
                    std::string(reconcile::ToString(state)) + ")";
  if (state == reconcile::SyncState::kDisconnected && !parts_.reconciler.last_error().empty()) {
    why += ": " + parts_.reconciler.last_error();
  }
  return Unavailable(why);
}

}  // namespace sluice
