#include "agent/cni_server/add_handler.h"

#include <algorithm>
#include <utility>

#include "agent/cni_server/teardown.h"

namespace sluice::cni_server {
namespace {

using std::chrono::milliseconds;

// An endpoint as the request wants it. Its addresses decide its MAC.
store::Endpoint MakeEndpoint(const cni::Request& request) {
  store::Endpoint endpoint = EndpointOf(IdOf(request));
  endpoint.network = request.network;
  endpoint.pod = PodOf(request);
  endpoint.pod_uid = request.pod.uid;
  endpoint.netns = request.netns;
  endpoint.mac = store::MacFor(request.ips);
  endpoint.ips = request.ips;
  return endpoint;
}

const IpAddress* OfFamily(const std::vector<IpAddress>& addresses, IpFamily family) {
  const auto found = std::ranges::find(addresses, family, &IpAddress::family);
  return found == addresses.end() ? nullptr : &*found;
}

// Every address has a gateway here, and IPAM means the same one.
Status CheckGateways(const cni::Request& request, const std::vector<IpAddress>& ours) {
  for (const IpAddress& ip : request.ips) {
    if (OfFamily(ours, ip.family()) != nullptr) continue;
    return Invalid("IPAM gives the pod " + ip.ToString() + ", but this node has no gateway of " +
                   (ip.is_v4() ? "IPv4" : "IPv6") + " (--gateway, --pod_cidr of the agent)");
  }
  for (const IpAddress& gateway : request.gateways) {
    const IpAddress* const own = OfFamily(ours, gateway.family());
    if (own != nullptr && *own == gateway) continue;
    return Invalid("IPAM names gateway " + gateway.ToString() +
                   (own == nullptr ? ", but this node has none of that family"
                                   : ", but the gateway of this node is " + own->ToString()));
  }
  return Ok();
}

const IpAddress* SharedAddress(const store::Endpoint& left, const store::Endpoint& right) {
  const auto shared = std::ranges::find_if(left.ips, [&](const IpAddress& ip) {
    return std::ranges::find(right.ips, ip) != right.ips.end();
  });
  return shared == left.ips.end() ? nullptr : &*shared;
}

// Those of the families that the pod has addresses of.
std::vector<IpAddress> GatewaysOf(const store::Endpoint& endpoint, std::vector<IpAddress> ours) {
  std::erase_if(ours, [&](const IpAddress& gateway) {
    return OfFamily(endpoint.ips, gateway.family()) == nullptr;
  });
  return ours;
}

class AddOperation : public std::enable_shared_from_this<AddOperation> {
 public:
  AddOperation(Attachment attachment, Clock now, Reply reply)
      : steps_(attachment.steps),
        request_(std::move(attachment.request)),
        deadline_(attachment.deadline),
        now_(std::move(now)),
        reply_(std::move(reply)),
        endpoint_(MakeEndpoint(request_)) {}

  void Start() {
    if (Status ready = steps_.Ready(); !ready.ok()) return Answer(ready.error());
    if (Status same = CheckGateways(request_, steps_.Gateways()); !same.ok()) {
      return Answer(same.error());
    }
    if (endpoint_.ips.empty()) return Answer(Invalid("no address for the pod"));
    if (Left() <= milliseconds(0)) {
      return Answer(Timeout("an earlier request for the same container took all of the time"));
    }
    const std::optional<store::Endpoint> existing = steps_.Find(endpoint_.id);
    if (!existing) return ClearAddresses();
    if (existing->pod != endpoint_.pod || existing->ips != endpoint_.ips) {
      return Answer(Refused("attachment " + endpoint_.id.ToString() + " exists already, for pod " +
                            existing->pod.ToString() + " with other addresses or of another name"));
    }
    Redo(*existing);
  }

 private:
  // The runtime had no answer to the first one.
  void Redo(const store::Endpoint& existing) {
    Teardown(steps_, existing, TeardownFrom::kFlows,
             [self = shared_from_this()](const Status& status) {
               if (!status.ok()) {
                 return self->Answer(status.error().Context("removing an earlier attachment"));
               }
               self->ClearAddresses();
             });
  }

  // Two endpoints of one address would be one identity to the switch. IPAM gives out what is free,
  // so that an endpoint which still has the address is one that nobody took down: the node was
  // booted anew, say. Without a link it is nobody's any more.
  void ClearAddresses() {
    for (const store::Endpoint& other : steps_.Endpoints()) {
      const IpAddress* const shared = SharedAddress(endpoint_, other);
      if (shared == nullptr || other.id == endpoint_.id) continue;
      if (steps_.HasLink(other)) {
        return Answer(Refused("IPAM gives the pod " + shared->ToString() + ", which attachment " +
                              other.id.ToString() + " of pod " + other.pod.ToString() +
                              " still has"));
      }
      return Teardown(steps_, other, TeardownFrom::kFlows,
                      [self = shared_from_this()](const Status& status) {
                        if (status.ok()) return self->ClearAddresses();
                        self->Answer(status.error().Context("removing a lost attachment"));
                      });
    }
    WaitForPod();
  }

  void WaitForPod() {
    const std::string step = "waiting for the object of pod " + endpoint_.pod.ToString();
    // A third is kept for the rest: links, ports and flows are quick, but the switch may not be.
    steps_.WaitForPod({.key = endpoint_.pod, .uid = endpoint_.pod_uid}, Left() * 2 / 3,
                      [self = shared_from_this(), step](const Status& status) {
                        if (const Status good = self->Check(status, step); !good.ok()) {
                          return self->Answer(good.error());
                        }
                        self->CreateLink();
                      });
  }

  void CreateLink() {
    const Status status =
        Check(steps_.CreateLink(endpoint_, request_.mtu), "creating link " + endpoint_.host_ifname);
    if (!status.ok()) return Undo(TeardownFrom::kLink, status.error());
    AddPort();
  }

  // A failed step is undone too: a timeout does not say whether the peer did it.
  void AddPort() {
    steps_.AddPort(endpoint_, [self = shared_from_this()](const Result<OfPort>& ofport) {
      const Status status = self->Check(ofport.ok() ? Ok() : Status(ofport.error()),
                                        "adding port " + self->endpoint_.host_ifname);
      if (!status.ok()) return self->Undo(TeardownFrom::kPort, status.error());
      self->endpoint_.ofport = *ofport;
      self->Enforce();
    });
  }

  void Enforce() {
    steps_.Enforce(endpoint_, Left(), [self = shared_from_this()](const Status& status) {
      const Status enforced =
          self->Check(status, "waiting for the switch to acknowledge the flows");
      if (!enforced.ok()) return self->Undo(TeardownFrom::kFlows, enforced.error());
      cni::Success success;
      success.attached =
          cni::Attached{.host_ifname = self->endpoint_.host_ifname,
                        .mac = self->endpoint_.mac,
                        .gateways = GatewaysOf(self->endpoint_, self->steps_.Gateways())};
      self->Answer(std::move(success));
    });
  }

  void Undo(TeardownFrom from, const Error& why) {
    Teardown(steps_, endpoint_, from, [self = shared_from_this(), why](const Status& status) {
      if (status.ok()) return self->Answer(why);
      self->Answer(Error(why.code(), why.message() + "; undoing it: " + status.error().message()));
    });
  }

  // A step that succeeded too late has failed: nobody waits for it any more.
  Status Check(const Status& status, const std::string& step) const {
    if (!status.ok()) return status.error().Context(step);
    if (Left() < milliseconds(0)) return Timeout(step + " took too long");
    return Ok();
  }

  milliseconds Left() const { return std::chrono::duration_cast<milliseconds>(deadline_ - now_()); }

  void Answer(cni::Response response) { std::exchange(reply_, nullptr)(std::move(response)); }

  AttachSteps& steps_;
  const cni::Request request_;
  const TimePoint deadline_;
  const Clock now_;
  Reply reply_;
  store::Endpoint endpoint_;
};

}  // namespace

void HandleAdd(Attachment attachment, Clock now, Reply reply) {
  std::make_shared<AddOperation>(std::move(attachment), std::move(now), std::move(reply))->Start();
}

}  // namespace sluice::cni_server
