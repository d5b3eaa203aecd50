#include "agent/cni_server/teardown.h"

#include <memory>
#include <utility>

namespace sluice::cni_server {
namespace {

class Operation : public std::enable_shared_from_this<Operation> {
 public:
  Operation(AttachSteps& steps, store::Endpoint endpoint, Done done)
      : steps_(steps), endpoint_(std::move(endpoint)), done_(std::move(done)) {}

  void Start(TeardownFrom from) {
    switch (from) {
      case TeardownFrom::kFlows:
        return RemoveFlows();
      case TeardownFrom::kPort:
        return RemovePort();
      case TeardownFrom::kLink:
        return RemoveLink();
    }
  }

 private:
  void RemoveFlows() {
    steps_.Withdraw(endpoint_.id, [self = shared_from_this()](const Status& status) {
      self->Note(status, "removing the flows");
      self->RemovePort();
    });
  }

  void RemovePort() {
    steps_.DeletePort(endpoint_, [self = shared_from_this()](const Status& status) {
      self->Note(status, "removing port " + self->endpoint_.host_ifname);
      self->RemoveLink();
    });
  }

  void RemoveLink() {
    Note(steps_.DeleteLink(endpoint_), "removing link " + endpoint_.host_ifname);
    std::exchange(done_, nullptr)(status_);
  }

  void Note(const Status& status, const std::string& step) {
    if (status.ok()) return;
    const Error error = status.error().Context(step);
    status_ = status_.ok() ? error
                           : Error(status_.error().code(),
                                   status_.error().message() + "; " + error.message());
  }

  AttachSteps& steps_;
  store::Endpoint endpoint_;
  Done done_;
  Status status_;
};

}  // namespace

void Teardown(AttachSteps& steps, const store::Endpoint& endpoint, TeardownFrom from, Done done) {
  std::make_shared<Operation>(steps, endpoint, std::move(done))->Start(from);
}

store::Endpoint EndpointOf(const store::AttachmentId& id) {
  store::Endpoint endpoint;
  endpoint.id = id;
  endpoint.host_ifname = store::HostIfname(id);
  return endpoint;
}

}  // namespace sluice::cni_server
