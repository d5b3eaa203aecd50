// What the switch learns is its own: no drift, and nothing that a restart would remove. Everything
// else in that table is.
#include <gtest/gtest.h>

#include "agent/pipeline/fields.h"
#include "agent/pipeline/sctp_flows.h"
#include "agent/reconcile/flow_reconciler.h"
#include "tests/fakes/fake_bridge.h"
#include "tests/unit/reconcile/dual_stack_pods.h"

namespace sluice::reconcile {
namespace {

using ofctl::Field;
using ofctl::Flow;

class LearnedFlowsTest : public DualStackPods {
 protected:
  LearnedFlowsTest() {
    for (const IpFamily family : {IpFamily::kIPv4, IpFamily::kIPv6}) {
      const Addresses at = AddressesOf(family);
      Send(From(kWebPort, {at.web, at.db, ofctl::kProtoSctp, 5000, 7777}));
      Send(From(kGatewayPort, {at.outside, at.db, ofctl::kProtoSctp, 5000, 7777}));
      Send(From(ofctl::kPortLocal, {at.gateway, at.db, ofctl::kProtoSctp, 5000, 7777}));
    }
    bridge_.Listen(reconciler_);
  }
  void Start() {
    bridge_.Connect();
    reconciler_.OnSourcesSynced();
    loop_.Advance(10'000);
    ASSERT_TRUE(reconciler_.idle());
  }

  // Flows that look like a learned one and are none.
  std::vector<Flow> Lookalikes() const {
    const Flow good = learned_.front();
    std::vector<Flow> flows;
    const auto add = [&](const auto& change) {
      Flow flow = good;
      change(flow);
      flows.push_back(std::move(flow));
    };
    add([](Flow& f) { f.key.priority = 101; });
    add([](Flow& f) { f.key.table = 26; });
    add([](Flow& f) { f.body.cookie = 0; });
    add([](Flow& f) { f.body.cookie ^= uint64_t{1} << 48; });
    add([](Flow& f) { f.body.cookie |= uint64_t{1} << 40; });
    add([](Flow& f) { f.body.cookie += uint64_t{2} << 56; });
    for (const Field field : {Field::kNwSrc, Field::kNwDst, Field::kTpSrc, Field::kTpDst}) {
      add([field](Flow& f) { f.key.match.Masked(field, {}, {}); });
    }
    add([](Flow& f) { f.key.match.Masked(Field::kNwSrc, {0, 0x0a000000}, {0, 0xff000000}); });
    add([](Flow& f) { f.key.match.Masked(Field::kTpDst, {0, 0x1000}, {0, 0xf000}); });
    add([](Flow& f) { f.key.match.Exact(Field::kNwProto, ofctl::kProtoTcp); });
    add([](Flow& f) { f.key.match.Exact(Field::kInPort, kWebPort); });
    add([](Flow& f) { f.body.actions.pop_back(); });  // without an end
    add([](Flow& f) { f.body.actions.back() = ofctl::Foreign{"idle_timeout=9"}; });
    add([](Flow& f) { f.body.actions.emplace_back(ofctl::Foreign{"hard_timeout=9"}); });
    add([](Flow& f) { f.body.actions.insert(f.body.actions.begin(), ofctl::Output{kDbPort}); });
    add([](Flow& f) { f.body.actions.front() = ofctl::SetField{{Field::kReg0, 0, 3}, {0, 3}}; });
    return flows;
  }

  fakes::ManualLoop loop_;
  fakes::FakeBridge bridge_{loop_};
  FlowReconciler reconciler_{bridge_, state_, [this](uint32_t delay, std::function<void()> work) {
                               loop_.Post(delay, std::move(work));
                             }};
};

TEST_F(LearnedFlowsTest, AreRecognized) {
  ASSERT_EQ(learned_.size(), 6u);
  for (const Flow& flow : learned_) {
    EXPECT_TRUE(pipeline::IsLearned(flow.key, flow.body)) << ofctl::ToString(flow);
  }
  for (const Flow& flow : Lookalikes()) {
    EXPECT_FALSE(pipeline::IsLearned(flow.key, flow.body)) << ofctl::ToString(flow);
  }
}

TEST_F(LearnedFlowsTest, ARestartTouchesNoneOfThem) {
  bridge_.flows() = Flows();
  Start();
  EXPECT_EQ(bridge_.commits(), 0u);
  EXPECT_EQ(bridge_.flows(), Flows());
}

TEST_F(LearnedFlowsTest, OnesThatAppearAndEndAreNoForeignChange) {
  Start();
  const size_t before = bridge_.commits();
  for (const Flow& flow : learned_) bridge_.Foreign({flow.key, flow.body});
  loop_.RunDue();
  EXPECT_EQ(bridge_.flows(), Flows());
  for (const Flow& flow : learned_) bridge_.Foreign({flow.key, std::nullopt});
  loop_.RunDue();
  EXPECT_EQ(bridge_.commits(), before);
  EXPECT_EQ(reconciler_.counters().foreign_changes, 0u);
}

TEST_F(LearnedFlowsTest, OnesThatAppearDuringACommitStay) {
  Start();
  bridge_.HoldAnswers();
  Put(fakes::PolicyBuilder("shop", "deny").IsolatesIngress());
  reconciler_.Poke();
  loop_.RunDue();
  for (const Flow& flow : learned_) bridge_.Foreign({flow.key, flow.body});
  bridge_.ReleaseAnswers();
  loop_.RunDue();
  EXPECT_EQ(bridge_.flows(), Flows());
  EXPECT_EQ(reconciler_.counters().foreign_changes, 0u);
}

TEST_F(LearnedFlowsTest, LookalikesAreRemovedFromADump) {
  bridge_.flows() = Flows();
  for (const Flow& flow : Lookalikes()) {
    if (!bridge_.flows().contains(flow.key)) bridge_.flows()[flow.key] = flow.body;
  }
  Start();
  EXPECT_EQ(bridge_.flows(), Flows());
}

TEST_F(LearnedFlowsTest, LookalikesAreRevertedWhenTheyAppear) {
  learned_.resize(1);
  Start();
  uint64_t count = 0;
  for (const Flow& flow : Lookalikes()) {
    bridge_.Foreign({flow.key, flow.body});
    loop_.RunDue();
    EXPECT_FALSE(bridge_.flows().contains(flow.key)) << ofctl::ToString(flow);
    EXPECT_EQ(reconciler_.counters().foreign_changes, ++count);
  }
}

}  // namespace

// Where conntrack knows SCTP the switch learns nothing: such a flow is somebody else's.
TEST(LearnedFlowsOfTheKernelDatapathTest, DoNotExist) {
  fakes::ManualLoop loop;
  fakes::FakeBridge bridge{loop};
  DesiredState state{TestNode()};
  FlowReconciler reconciler{bridge, state, [&loop](uint32_t delay, std::function<void()> work) {
                              loop.Post(delay, std::move(work));
                            }};
  bridge.Listen(reconciler);
  bridge.flows() = state.flows().Flows();
  const ofctl::FlowKey key{25, 100,
                           ofctl::Match()
                               .Ip(IpFamily::kIPv4)
                               .Exact(Field::kNwProto, ofctl::kProtoSctp)
                               .Exact(Field::kNwSrc, 1)
                               .Exact(Field::kNwDst, 2)
                               .Exact(Field::kTpSrc, 3)
                               .Exact(Field::kTpDst, 4)};
  const ofctl::FlowBody body{
      0x30100000000000a,
      {ofctl::SetField{pipeline::kIsSctpReply, {0, 1}}, ofctl::Foreign{"idle_timeout=600"}}};
  ASSERT_TRUE(pipeline::IsLearned(key, body));
  bridge.flows()[key] = body;
  bridge.Connect();
  reconciler.OnSourcesSynced();
  loop.Advance(10'000);
  EXPECT_EQ(bridge.flows(), state.flows().Flows());
}

}  // namespace sluice::reconcile
