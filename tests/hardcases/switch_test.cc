// What the switch holds while the agent works on it.
#include "agent/reconcile/flow_reconciler.h"
#include "tests/fakes/builders.h"
#include "tests/fakes/fake_bridge.h"
#include "tests/hardcases/hard_case.h"

namespace sluice::hardcases {
namespace {

// The objects of a small cluster and who is attached, in an order of their own.
const std::vector<std::string> kDocuments = {
    Namespace("x", "{ns: x}"),
    Namespace("w", "{ns: w}"),
    Pod({.key = "x/a", .labels = "{pod: a}"}),
    Pod({.key = "w/a", .labels = "{pod: a}"}),
    Policy("x/in",
           "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {ns: "
           "w}}}], ports: [{port: 80}, {port: 8000, endPort: 8999}]}]}"),
    Policy("w/out",
           "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: "
           "10.0.0.0/16, except: [10.0.2.0/24]}}]}]}")};

class Agent {
 public:
  explicit Agent(fakes::ManualLoop& loop, fakes::FakeBridge& bridge)
      : loop_(loop),
        reconciler_(bridge, desired_, [this](uint32_t delay, std::function<void()> work) {
          loop_.Post(delay, std::move(work));
        }) {
    bridge.Listen(reconciler_);
  }
  void Hear(const std::string& yaml) {
    for (store::Object& object : Decode(yaml, decode::Validation::kCreate)) {
      desired_.Apply({fakes::Present(std::move(object))});
    }
    reconciler_.Poke();
  }
  void Attach(const std::string& key, const std::string& address, OfPort ofport) {
    desired_.PutEndpoint(EndpointFor(KeyOf(key), {address}, ofport));
    reconciler_.Poke();
  }
  reconcile::FlowReconciler& reconciler() { return reconciler_; }
  ofctl::FlowMap Flows() const { return desired_.flows().Flows(); }

 private:
  fakes::ManualLoop& loop_;
  reconcile::DesiredState desired_{TestNode()};
  reconcile::FlowReconciler reconciler_;
};

TEST(Switch, HardCase58AnAgentThatComesBackChangesNothing) {
  fakes::ManualLoop loop;
  fakes::FakeBridge bridge(loop);
  {
    Agent first(loop, bridge);
    for (const std::string& document : kDocuments) first.Hear(document);
    first.Attach("x/a", "10.0.1.1", {10});
    first.Attach("w/a", "10.0.2.1", {11});
    bridge.Connect();
    first.reconciler().OnSourcesSynced();
    loop.RunDue();
    ASSERT_EQ(bridge.flows(), first.Flows());
    bridge.Disconnect();
    loop.RunDue();
  }
  const ofctl::FlowMap before = bridge.flows();
  const size_t commits = bridge.commits();

  Agent second(loop, bridge);
  bridge.Connect();
  loop.RunDue();
  second.Attach("w/a", "10.0.2.1", {11});
  for (auto it = kDocuments.rbegin(); it != kDocuments.rend(); ++it) {
    second.Hear(*it);
    loop.RunDue();
    ASSERT_EQ(bridge.flows(), before) << "half of the truth is written down";
  }
  second.Attach("x/a", "10.0.1.1", {10});
  second.reconciler().OnSourcesSynced();
  loop.RunDue();
  EXPECT_EQ(bridge.flows(), before);
  EXPECT_EQ(bridge.commits(), commits) << "not even an empty bundle";
}

TEST(Switch, HardCase64NoHalfOfAPolicyIsEverInTheSwitch) {
  fakes::ManualLoop loop;
  fakes::FakeBridge bridge(loop);
  Agent agent(loop, bridge);
  for (const std::string& document : kDocuments) agent.Hear(document);
  agent.Attach("x/a", "10.0.1.1", {10});
  agent.Attach("w/a", "10.0.2.1", {11});
  bridge.Connect();
  agent.reconciler().OnSourcesSynced();
  loop.RunDue();
  const size_t commits = bridge.commits();

  // Isolation, classes, clauses and decisions all change.
  agent.Hear(Policy("x/in",
                    "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress, Egress],"
                    " ingress: [{from: [{podSelector: {}}], ports: [{port: 443}]}],"
                    " egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: "
                    "443}]}]}"));
  loop.RunDue();
  EXPECT_EQ(bridge.commits(), commits + 1) << "one bundle: all of it or nothing";
  EXPECT_GT(bridge.last_delta().size(), 5u);
  EXPECT_EQ(bridge.flows(), agent.Flows());
}

}  // namespace
}  // namespace sluice::hardcases
