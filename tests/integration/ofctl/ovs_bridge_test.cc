// OvsBridge against a real ovs-vswitchd with a dummy datapath.
#include "ofctl/ovs_bridge.h"

#include <gmock/gmock.h>
#include <signal.h>

#include <boost/asio/io_context.hpp>
#include <fstream>
#include <sstream>

#include "tests/fakes/event_loop.h"
#include "tests/fakes/ovs_sandbox.h"
#include "tests/unit/ofctl/sample_flows.h"

namespace sluice::ofctl {
namespace {

using std::chrono::milliseconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class RecordingListener : public Bridge::Listener {
 public:
  void OnConnected() override { ++connected; }
  void OnDisconnected(const Error&) override { ++disconnected; }
  void OnForeignChange(const ForeignChange& change) override { changes.push_back(change); }

  int connected = 0;
  int disconnected = 0;
  std::vector<ForeignChange> changes;
};

class OvsBridgeTest : public ::testing::Test {
 protected:
  OvsBridgeTest() : sandbox_(fakes::OvsSandbox::Datapath::kDummy) {
    sandbox_.Vsctl("add-br br0 -- set bridge br0 datapath_type=dummy fail_mode=secure");
    bridge_ = std::make_unique<OvsBridge>(io_, SpecOf(), listener_);
    bridge_->Start();
    Await([this] { return listener_.connected == 1; });
  }

  OvsBridge::Spec SpecOf() const {
    OvsBridge::Spec spec;
    spec.connection.socket_path = sandbox_.mgmt_socket("br0");
    spec.connection.redial.failed = {milliseconds(1), milliseconds(20)};
    return spec;
  }

  template <typename Condition>
  void Await(const Condition& condition) {
    fakes::RunUntil(io_, condition);
  }

  std::optional<CommitError> Commit(const FlowDelta& delta) {
    std::optional<std::optional<CommitError>> result;
    bridge_->Commit(std::make_shared<const FlowDelta>(delta),
                    [&result](std::optional<CommitError> error) { result = error; });
    EXPECT_FALSE(result.has_value()) << "called back inside the call";
    Await([&result] { return result.has_value(); });
    return result.value_or(CommitError{Timeout("no answer"), {}});
  }

  FlowMap Dump() {
    std::optional<Result<FlowMap>> result;
    bridge_->Dump([&result](Result<FlowMap> flows) { result = std::move(flows); });
    EXPECT_FALSE(result.has_value()) << "called back inside the call";
    Await([&result] { return result.has_value(); });
    EXPECT_TRUE(result->ok()) << result->error().message();
    return result->ok() ? std::move(*result).value() : FlowMap();
  }

  // The lines of ovs-ofctl, sorted as it does.
  std::vector<std::string> Lines() const {
    std::istringstream text(sandbox_.Ofctl("--no-stats --no-names dump-flows br0"));
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line.substr(1));
    return lines;
  }

  fakes::OvsSandbox sandbox_;
  boost::asio::io_context io_;
  RecordingListener listener_;
  std::unique_ptr<OvsBridge> bridge_;
};

FlowDelta SetAll(const std::vector<SampleFlow>& samples) {
  FlowDelta delta;
  for (const SampleFlow& sample : samples) delta.set.push_back(sample.flow);
  return delta;
}

std::string Message(const std::optional<CommitError>& error) {
  return error ? error->error.message() : "committed";
}

TEST_F(OvsBridgeTest, EveryKindOfFlowIsDumpedAsItWasSent) {
  const std::vector<SampleFlow> samples = AllSamples();
  FlowMap sent;
  for (const SampleFlow& sample : samples) sent[sample.flow.key] = sample.flow.body;
  ASSERT_EQ(sent.size(), samples.size());

  ASSERT_EQ(Message(Commit(SetAll(samples))), "committed");

  const FlowMap dumped = Dump();
  for (const SampleFlow& sample : samples) {
    const auto found = dumped.find(sample.flow.key);
    ASSERT_NE(found, dumped.end()) << sample.text;
    EXPECT_EQ(found->second, sample.flow.body) << sample.text;
  }
  EXPECT_EQ(dumped, sent);
}

TEST_F(OvsBridgeTest, TextIsThatOfOvsOfctl) {
  const std::vector<SampleFlow> samples = AllSamples();
  ASSERT_EQ(Message(Commit(SetAll(samples))), "committed");
  std::vector<std::string> ours;
  for (const SampleFlow& sample : samples) ours.push_back(ToString(sample.flow));
  EXPECT_THAT(Lines(), ::testing::UnorderedElementsAreArray(ours));
}

TEST_F(OvsBridgeTest, CommitReplacesAndRemoves) {
  const FlowKey kept{1, 1, Match()};
  const FlowKey replaced{1, 2, Match()};
  const FlowKey removed{1, 3, Match()};
  ASSERT_EQ(Message(Commit({{}, {{kept, {1, {}}}, {replaced, {1, {}}}, {removed, {1, {}}}}})),
            "committed");

  ASSERT_EQ(Message(Commit({{removed}, {{replaced, {2, {Output{1}}}}}})), "committed");

  EXPECT_EQ(Dump(), (FlowMap{{kept, {1, {}}}, {replaced, {2, {Output{1}}}}}));
}

TEST_F(OvsBridgeTest, EmptyCommitAsksTheSwitch) {
  EXPECT_EQ(Message(Commit({})), "committed");
  sandbox_.KillSwitch();
  EXPECT_NE(Message(Commit({})), "committed");
}

TEST_F(OvsBridgeTest, OneRefusedFlowRefusesAllAndIsNamed) {
  const FlowKey good{1, 1, Match()};
  const FlowKey backwards{5, 1, Match()};
  const FlowKey lonely{5, 2, Match()};
  const FlowDelta delta{{},
                        {{good, {0, {Output{1}}}},
                         {backwards, {0, {GotoTable{4}}}},
                         {lonely, {0, {Conjunction{1, 1, 1}}}},
                         {{1, 9, Match()}, {}}}};

  const std::optional<CommitError> error = Commit(delta);

  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->error.code(), ErrorCode::kRefused);
  EXPECT_THAT(error->refused, ElementsAre(backwards, lonely));
  EXPECT_THAT(error->error.message(), HasSubstr(ToString(backwards)));
  EXPECT_THAT(error->error.message(), HasSubstr("BAD_CONJUNCTION"));
  EXPECT_THAT(Lines(), IsEmpty());
  // and the next bundle is not spoilt by it
  EXPECT_EQ(Message(Commit({{}, {{good, {}}}})), "committed");
}

TEST_F(OvsBridgeTest, FlowThatCannotBeSentRefusesAllAndIsNamed) {
  const FlowKey bad{1, 1, Match().Exact(Field::kNwSrc, 1)};  // no EtherType
  const std::optional<CommitError> error = Commit({{}, {{{1, 2, Match()}, {}}, {bad, {}}}});
  ASSERT_TRUE(error.has_value());
  EXPECT_THAT(error->refused, ElementsAre(bad));
  EXPECT_THAT(Lines(), IsEmpty());
}

TEST_F(OvsBridgeTest, ForeignChangesAreReportedAndOwnOnesAreNot) {
  const FlowKey own{3, 7, Match().Exact(Field::kReg0, 1)};
  ASSERT_EQ(Message(Commit({{}, {{own, {1, {Output{1}}}}}})), "committed");
  const FlowKey foreign{4, 100, Match().Ip(IpFamily::kIPv4)};

  sandbox_.Ofctl("add-flow br0 'table=4,priority=100,cookie=5,ip,actions=output:2'");
  Await([this] { return listener_.changes.size() == 1; });
  EXPECT_EQ(listener_.changes[0].key, foreign);
  EXPECT_EQ(listener_.changes[0].body, (FlowBody{5, {Output{2}}}));

  sandbox_.Ofctl("--strict mod-flows br0 'table=3,priority=7,reg0=1,actions=output:9'");
  Await([this] { return listener_.changes.size() == 2; });
  EXPECT_EQ(listener_.changes[1].key, own);
  EXPECT_EQ(listener_.changes[1].body->actions, (Actions{Output{9}}));

  sandbox_.Ofctl("--strict del-flows br0 'table=3,priority=7,reg0=1'");
  Await([this] { return listener_.changes.size() == 3; });
  EXPECT_EQ(listener_.changes[2].key, own);
  EXPECT_FALSE(listener_.changes[2].body.has_value());

  // given one more of each kind of our own, nothing more is reported
  ASSERT_EQ(Message(Commit({{}, {{own, {1, {Output{1}}}}}})), "committed");
  ASSERT_EQ(Message(Commit({{foreign}, {{own, {2, {Output{2}}}}}})), "committed");
  EXPECT_EQ(Dump().size(), 1u);
  EXPECT_EQ(listener_.changes.size(), 3u);
}

TEST_F(OvsBridgeTest, WhatSluiceCannotSayIsForeign) {
  sandbox_.Ofctl("add-flow br0 'table=1,priority=1,actions=resubmit(7,2)'");
  sandbox_.Ofctl("add-flow br0 'table=1,priority=2,idle_timeout=500,actions=output:1'");
  sandbox_.Ofctl("add-flow br0 'table=1,priority=3,ip,actions=ct(commit,nat(src=1.1.1.1))'");
  sandbox_.Ofctl("add-flow br0 'table=1,priority=4,importance=3,actions=output:1'");
  sandbox_.Ofctl("add-flow br0 'table=1,priority=5,send_flow_rem,actions=output:1'");
  sandbox_.Ofctl("add-flow br0 'table=1,priority=6,actions=learn(table=2,hard_timeout=9)'");
  sandbox_.Ofctl("add-flow br0 'table=1,priority=7,actions=learn(table=2,delete_learned)'");
  sandbox_.Ofctl(
      "add-flow br0 'table=1,priority=8,actions=learn(table=2,output:NXM_OF_IN_PORT[])'");
  sandbox_.Ofctl(
      "add-flow br0 "
      "'table=1,priority=9,ct_state=+trk-inv,ct_nw_proto=6,tcp,actions=resubmit(,2,ct)'");

  const FlowMap dumped = Dump();

  ASSERT_EQ(dumped.size(), 9u);
  for (const auto& [key, body] : dumped) {
    EXPECT_THAT(body.actions, Contains(::testing::VariantWith<Foreign>(::testing::_)))
        << ToString(Flow{key, body});
  }
  EXPECT_EQ(dumped.at({1, 1, Match()}).actions, (Actions{Foreign{"resubmit(7,2)"}}));

  // and each is replaced by a flow of ours
  FlowDelta delta;
  for (const auto& [key, body] : dumped) delta.set.push_back({key, {0, {Output{1}}}});
  ASSERT_EQ(Message(Commit(delta)), "committed");
  for (const auto& [key, body] : Dump()) EXPECT_EQ(body, (FlowBody{0, {Output{1}}}));
}

TEST_F(OvsBridgeTest, FlowWithAForeignMatchIsFoundAndRemoved) {
  const FlowKey own{2, 5, Match().Exact(Field::kReg0, 1)};
  ASSERT_EQ(Message(Commit({{}, {{own, {0, {Output{1}}}}}})), "committed");
  // one that hides under the key of ours, one of its own
  sandbox_.Ofctl("add-flow br0 'table=2,priority=5,reg0=1,metadata=3,actions=output:7'");
  sandbox_.Ofctl("add-flow br0 'table=2,priority=6,tun_id=3,actions=output:7'");
  Await([this] { return listener_.changes.size() == 2; });
  EXPECT_EQ(listener_.changes[0].key, own);
  EXPECT_THAT(listener_.changes[0].body->actions,
              Contains(::testing::VariantWith<Foreign>(::testing::_)));

  const FlowMap dumped = Dump();
  ASSERT_EQ(dumped.size(), 2u);
  const FlowMap desired = {{own, {0, {Output{1}}}}};
  ASSERT_EQ(Message(Commit(Diff(desired, dumped))), "committed");

  EXPECT_EQ(Dump(), desired);
  EXPECT_THAT(Lines(), ElementsAre("table=2, priority=5,reg0=0x1 actions=output:1"));
}

TEST_F(OvsBridgeTest, HiddenFlowSeenByTheMonitorAloneIsRemoved) {
  sandbox_.Ofctl("add-flow br0 'table=2,priority=6,tun_id=3,actions=output:7'");
  Await([this] { return listener_.changes.size() == 1; });
  ASSERT_EQ(Message(Commit({{listener_.changes[0].key}, {}})), "committed");
  EXPECT_THAT(Lines(), IsEmpty());
}

TEST_F(OvsBridgeTest, ComesBackAfterTheSwitchWasKilled) {
  ASSERT_EQ(Message(Commit({{}, {{{1, 1, Match()}, {}}}})), "committed");
  sandbox_.KillSwitch();
  Await([this] { return listener_.disconnected == 1; });
  EXPECT_NE(Message(Commit({})), "committed");

  sandbox_.StartSwitch();
  Await([this] { return listener_.connected == 2; });
  EXPECT_EQ(listener_.disconnected, 1);
  EXPECT_EQ(Dump(), FlowMap());
  ASSERT_EQ(Message(Commit({{}, {{{1, 1, Match()}, {}}}})), "committed");
  sandbox_.Ofctl("del-flows br0");
  Await([this] { return listener_.changes.size() == 1; });
}

TEST_F(OvsBridgeTest, WhatIsUnderWayFailsWhenTheConnectionIsLost) {
  FlowDelta delta;
  for (uint32_t i = 0; i < 20000; ++i) {
    delta.set.push_back({{1, 1, Match().Exact(Field::kReg0, i)}, {}});
  }
  std::optional<std::optional<CommitError>> commit;
  std::optional<Result<FlowMap>> dump;
  bridge_->Commit(std::make_shared<const FlowDelta>(delta),
                  [&commit](std::optional<CommitError> error) { commit = error; });
  bridge_->Dump([&dump](Result<FlowMap> flows) { dump = std::move(flows); });
  sandbox_.KillSwitch();
  Await([&] { return commit.has_value() && dump.has_value(); });
  ASSERT_TRUE(commit->has_value());
  EXPECT_EQ((*commit)->error.code(), ErrorCode::kUnavailable);
  EXPECT_FALSE(dump->ok());
}

TEST_F(OvsBridgeTest, EveryRefusedFlowOfALargeBundleIsNamed) {
  // far more errors than the switch queues before it stops reading from us
  FlowDelta delta;
  for (uint32_t i = 0; i < 5000; ++i) {
    delta.set.push_back({{5, 1, Match().Exact(Field::kReg0, i)}, {0, {GotoTable{4}}}});
  }
  const std::optional<CommitError> error = Commit(delta);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->refused.size(), delta.set.size());
  EXPECT_THAT(Lines(), IsEmpty());
}

TEST_F(OvsBridgeTest, SwitchThatDoesNotAnswerTimesACommitOutAndIsDialledAgain) {
  OvsBridge::Spec spec = SpecOf();
  spec.commit_deadline = milliseconds(30);
  bridge_ = std::make_unique<OvsBridge>(io_, spec, listener_);
  bridge_->Start();
  Await([this] { return listener_.connected == 2; });
  pid_t pid = 0;
  std::ifstream(sandbox_.rundir() + "/ovs-vswitchd.pid") >> pid;
  ASSERT_GT(pid, 0);

  kill(pid, SIGSTOP);
  const std::optional<CommitError> error = Commit({{}, {{{1, 1, Match()}, {}}}});
  kill(pid, SIGCONT);

  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->error.code(), ErrorCode::kTimeout);
  Await([this] { return listener_.disconnected == 1 && listener_.connected == 3; });
}

TEST_F(OvsBridgeTest, StopFailsWhatIsUnderWayAndTellsTheListener) {
  std::optional<Result<FlowMap>> dump;
  bridge_->Dump([&dump](Result<FlowMap> flows) { dump = std::move(flows); });
  bridge_->Stop();
  EXPECT_FALSE(dump.has_value());
  Await([&] { return dump.has_value() && listener_.disconnected == 1; });
  EXPECT_FALSE(dump->ok());
}

TEST_F(OvsBridgeTest, TenThousandFlows) {
  FlowDelta delta;
  FlowMap sent;
  for (uint32_t i = 0; i < 10000; ++i) {
    const Match match = Match()
                            .Ip(IpFamily::kIPv4)
                            .CtState({.set = kCtNew | kCtTrk})
                            .Exact(Field::kReg5, i)
                            .Prefix(Field::kNwSrc, Cidr::Host(IpAddress::FromV4(0x0a000000 + i)));
    delta.set.push_back({{60, 100, match}, {i, {Conjunction{i + 1, 1, 2}}}});
    sent[delta.set.back().key] = delta.set.back().body;
  }
  ASSERT_EQ(Message(Commit(delta)), "committed");
  EXPECT_EQ(Dump(), sent);
  FlowDelta removal;
  for (const Flow& flow : delta.set) removal.remove.push_back(flow.key);
  ASSERT_EQ(Message(Commit(removal)), "committed");
  EXPECT_EQ(Dump(), FlowMap());
}

}  // namespace
}  // namespace sluice::ofctl
