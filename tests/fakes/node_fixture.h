// NodeFixture: a test with a node's desired state, a fake switch, and a clock that stands still.
#pragma once

#include <gtest/gtest.h>

#include "agent/reconcile/flow_reconciler.h"
#include "tests/fakes/builders.h"
#include "tests/fakes/fake_bridge.h"

namespace sluice::fakes {

class NodeFixture : public testing::Test {
 protected:
  reconcile::FlowReconciler::Schedule OnLoop() {
    return [this](uint32_t delay_ms, std::function<void()> work) {
      loop_.Post(delay_ms, std::move(work));
    };
  }

  // Given: a db that takes TCP 5432 from the api pod only, both attached here; another pod, web,
  // and one of another node, far.
  void HaveShop() {
    const store::Pod db = PodBuilder("shop", "db").Labels({{"app", "db"}}).Ip("10.244.0.2");
    const store::Pod api = PodBuilder("shop", "api").Labels({{"app", "api"}}).Ip("10.244.0.3");
    const store::Pod web = PodBuilder("shop", "web").Labels({{"app", "web"}}).Ip("10.244.0.4");
    const store::Pod far = PodBuilder("shop", "far").Ip("10.244.1.2");
    const store::NetworkPolicy policy =
        PolicyBuilder("shop", "db")
            .Selects({Is("app", "db")})
            .Ingress(RuleBuilder().Pods({Is("app", "api")}).Tcp(5432));
    desired_.Apply({Present(NamespaceOf("shop")), Present(db), Present(api), Present(web),
                    Present(far), Present(policy)});
    desired_.PutEndpoint(EndpointOf(db, OfPort{2}));
    desired_.PutEndpoint(EndpointOf(api, OfPort{3}));
  }

  ManualLoop loop_;
  FakeBridge bridge_{loop_};
  reconcile::DesiredState desired_{
      {.gateway = OfPort{1}, .mac = MacAddress(), .addresses = {Ip("10.244.0.1")}}};
};

}  // namespace sluice::fakes
