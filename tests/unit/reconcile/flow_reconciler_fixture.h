// A FlowReconciler beside a switch, an agent with one pod attached, and a clock.
#pragma once

#include <gtest/gtest.h>

#include "agent/pipeline/flow_parts.h"
#include "agent/reconcile/flow_reconciler.h"
#include "tests/fakes/fake_bridge.h"
#include "tests/unit/reconcile/desired_state_feed.h"

namespace sluice::reconcile {

inline const ofctl::FlowBody kForeignBody{0xbad, {ofctl::Output{1}}};

class FlowReconcilerTest : public testing::Test {
 protected:
  FlowReconcilerTest() {
    bridge_.Listen(reconciler_);
    Attach("web", "10.0.0.1", 10);
  }

  void Attach(const std::string& name, std::string_view ip, uint32_t ofport) {
    const store::Pod pod = fakes::PodBuilder("shop", name).Labels({{"app", name}}).Ip(ip);
    desired_.Apply({fakes::Present(pod)});
    desired_.PutEndpoint(fakes::EndpointOf(pod, {ofport}));
    reconciler_.Poke();
  }
  void Isolate(const std::string& app) {
    desired_.Apply({fakes::Present(fakes::PolicyBuilder("shop", "deny-" + app)
                                       .Selects({fakes::Is("app", app)})
                                       .IsolatesIngress())});
    reconciler_.Poke();
  }
  // Connected, synced, everything installed.
  void Start() {
    bridge_.Connect();
    reconciler_.OnSourcesSynced();
    loop_.RunDue();
    ASSERT_TRUE(Installed());
  }
  bool Installed() const { return bridge_.flows() == desired_.flows().Flows(); }
  ofctl::FlowKey GateOf(uint32_t ofport) const {
    return {0, pipeline::priority::kDefault, pipeline::UntaggedFrom({ofport})};
  }
  ofctl::FlowKey IsolationOf(std::string_view ip) const {
    const auto id = desired_.policy().classes(policy::Side::kDestination).ClassOf(fakes::Ip(ip));
    for (const auto& [key, body] : desired_.flows().Flows()) {
      const auto match = key.match.Find(ofctl::Field::kReg6);
      if (key.table == pipeline::Number(pipeline::Table::kIngressDefault) && match &&
          match->value.lo == id.value) {
        return key;
      }
    }
    ADD_FAILURE() << "no isolation flow for " << ip;
    return {};
  }

  fakes::ManualLoop loop_;
  fakes::FakeBridge bridge_{loop_};
  DesiredState desired_{TestNode()};
  FlowReconciler reconciler_{bridge_, desired_, [this](uint32_t delay, std::function<void()> work) {
                               loop_.Post(delay, std::move(work));
                             }};
};

}  // namespace sluice::reconcile
