// SCTP through a real ovs-vswitchd, whose userspace datapath learns the answers' flows while the
// agent keeps everything else as it should be.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <filesystem>

#include "agent/pipeline/tables.h"
#include "agent/reconcile/flow_reconciler.h"
#include "ofctl/ovs_bridge.h"
#include "tests/fakes/builders.h"
#include "tests/fakes/event_loop.h"
#include "tests/fakes/frames.h"
#include "tests/fakes/ovs_sandbox.h"

namespace sluice::reconcile {
namespace {

using fakes::Bytes;
using fakes::Put;
using std::chrono::milliseconds;

constexpr OfPort kGateway{2};
constexpr OfPort kWeb{10};
constexpr OfPort kDb{11};

pipeline::NodePorts Node() {
  return {kGateway,
          MacAddress({2, 0, 0, 0, 0, 1}),
          {fakes::Ip("10.0.255.254"), fakes::Ip("fd00::ffff")},
          pipeline::SctpPorts::kFromHeader};
}

void Put(Bytes& frame, const IpAddress& address) {
  const size_t size = address.is_v4() ? 4 : 16;
  frame.insert(frame.end(), address.bytes().begin(), address.bytes().begin() + size);
}

struct Sctp {
  OfPort from;
  IpAddress source;
  IpAddress destination;
  uint16_t source_port;
  uint16_t destination_port;
};

MacAddress MacOf(OfPort port) {
  return store::MacFor(fakes::Ip(port == kWeb ? "10.0.0.1" : "10.0.0.2"));
}

// The CRC32c in it is no CRC of anything: nobody on the way may look at it, or change it.
Bytes FrameOf(const Sctp& sctp, const MacAddress& source, const MacAddress& destination) {
  constexpr uint8_t kChunk[] = {0,   3,   0,   16,  'o', 'n', 'e', ' ',
                                'c', 'h', 'u', 'n', 'k', '.', '.', '.'};
  constexpr uint16_t kLength = 12 + sizeof kChunk;
  const bool v4 = sctp.source.is_v4();
  Bytes frame;
  Put(frame, destination.bits(), 6);
  Put(frame, source.bits(), 6);
  Put(frame, v4 ? ofctl::kEthTypeIPv4 : ofctl::kEthTypeIPv6, 2);
  if (v4) {
    Put(frame, 0x45000000 | (20 + kLength), 4);
    Put(frame, 0, 4);
    Put(frame, 64 << 24 | ofctl::kProtoSctp << 16, 4);
  } else {
    Put(frame, 0x60000000, 4);
    Put(frame, kLength << 16 | ofctl::kProtoSctp << 8 | 64, 4);
  }
  Put(frame, sctp.source);
  Put(frame, sctp.destination);
  if (v4) fakes::PutAt(frame, 24, fakes::Checksum(frame, 14));
  Put(frame, sctp.source_port, 2);
  Put(frame, sctp.destination_port, 2);
  Put(frame, 0x0123456789abcdef, 8);
  frame.insert(frame.end(), std::begin(kChunk), std::end(kChunk));
  return frame;
}

// A node with shop/web and shop/db attached; its agent can be restarted.
class LearnedFlowsOfASwitchTest : public ::testing::TestWithParam<IpFamily>,
                                  private ofctl::Bridge::Listener {
 protected:
  LearnedFlowsOfASwitchTest() : sandbox_(fakes::OvsSandbox::Datapath::kDummy) {
    std::string command =
        "add-br br0 -- set bridge br0 datapath_type=dummy fail_mode=secure -- add-port br0 p2 -- "
        "set interface p2 type=dummy ofport_request=2";
    for (const OfPort port : {kWeb, kDb}) {
      const std::string name = NameOf(port);
      command += " -- add-port br0 " + name + " -- set interface " + name +
                 " type=dummy ofport_request=" + std::to_string(port.value) +
                 " options:tx_pcap=" + PcapOf(port);
    }
    sandbox_.Vsctl(command);
    StartAgent();
  }

  static std::string NameOf(OfPort port) { return "p" + std::to_string(port.value); }
  std::string PcapOf(OfPort port) const { return sandbox_.rundir() + "/" + NameOf(port) + ".pcap"; }

  void StartAgent() {
    bridge_.reset();
    reconciler_.reset();
    desired_ = std::make_unique<DesiredState>(Node());
    Apply(fakes::NamespaceOf("shop"));
    Attach("web", "10.0.0.1", "fd00::1", kWeb);
    Attach("db", "10.0.0.2", "fd00::2", kDb);
    Apply(fakes::PolicyBuilder("shop", "deny").IsolatesIngress());
    Apply(Permission());
    ofctl::OvsBridge::Spec spec;
    spec.connection.socket_path = sandbox_.mgmt_socket("br0");
    ofctl::Bridge::Listener& listener = *this;
    bridge_ = std::make_unique<ofctl::OvsBridge>(io_, spec, listener);
    reconciler_ = std::make_unique<FlowReconciler>(
        *bridge_, *desired_, [this](uint32_t delay_ms, std::function<void()> work) {
          Schedule(delay_ms, std::move(work));
        });
    reconciler_->OnSourcesSynced();
    bridge_->Start();
    Settle();
  }
  static store::NetworkPolicy Permission() {
    return fakes::PolicyBuilder("shop", "sctp")
        .Selects({fakes::Is("app", "db")})
        .Ingress(fakes::RuleBuilder().Port({store::Protocol::kSctp, uint16_t{7777}, {}}));
  }

  void Apply(const store::Object& object) { desired_->Apply({fakes::Present(object)}); }
  void Attach(const std::string& name, std::string_view v4, std::string_view v6, OfPort port) {
    const store::Pod pod = fakes::PodBuilder("shop", name).Labels({{"app", name}}).Ip(v4).Ip(v6);
    Apply(pod);
    desired_->PutEndpoint(fakes::EndpointOf(pod, port));
  }
  void Schedule(uint32_t delay_ms, std::function<void()> work) {
    auto timer = std::make_shared<boost::asio::steady_timer>(io_, milliseconds(delay_ms));
    timer->async_wait([timer, work = std::move(work)](const boost::system::error_code& error) {
      if (!error) work();
    });
  }

  template <typename Condition>
  void Await(const Condition& condition) {
    fakes::RunUntil(io_, condition);
  }
  // Every change of others that the switch has made by now has been heard of and dealt with: a
  // barrier, and what follows from it.
  void Settle() {
    bool installed = false;
    reconciler_->AwaitInstalled([&installed] { installed = true; });
    Await([&] { return installed && reconciler_->idle(); });
    bool dumped = false;
    bridge_->Dump([&dumped](const Result<ofctl::FlowMap>&) { dumped = true; });
    Await([&] { return dumped && reconciler_->idle(); });
  }

  // The frame as the receiver gets it, if it does. Every frame is judged by the flows of now. The
  // switch's main loop receives it before it answers the next command.
  std::optional<Bytes> Send(const Sctp& sctp) {
    const OfPort to = sctp.from == kWeb ? kDb : kWeb;
    const size_t before = Sent(to).size();
    sandbox_.Appctl("revalidator/purge");
    sandbox_.Appctl("netdev-dummy/receive " + NameOf(sctp.from) + " " +
                    fakes::Hex(FrameOf(sctp, MacOf(sctp.from), Node().mac)));
    sandbox_.Appctl("version");
    const std::vector<Bytes> frames = Sent(to);
    if (frames.size() == before) return std::nullopt;
    return frames.back();
  }
  // What the switch sent by the port.
  std::vector<Bytes> Sent(OfPort port) const { return fakes::Captured(PcapOf(port)); }
  size_t Learned() const {
    const std::string text = sandbox_.Ofctl("--no-stats dump-flows br0 table=25");
    size_t count = 0;
    for (size_t at = 0; (at = text.find("actions=", at)) != std::string::npos; ++at) ++count;
    return count;
  }

  Sctp There(uint16_t port) const { return {kWeb, Web(), Db(), 5000, port}; }
  Sctp Back(uint16_t port) const { return {kDb, Db(), Web(), port, 5000}; }
  static IpAddress Web() {
    return fakes::Ip(GetParam() == IpFamily::kIPv4 ? "10.0.0.1" : "fd00::1");
  }
  static IpAddress Db() {
    return fakes::Ip(GetParam() == IpFamily::kIPv4 ? "10.0.0.2" : "fd00::2");
  }

  fakes::OvsSandbox sandbox_;
  boost::asio::io_context io_;
  std::unique_ptr<DesiredState> desired_;
  std::unique_ptr<FlowReconciler> reconciler_;
  std::unique_ptr<ofctl::OvsBridge> bridge_;

 private:
  void OnConnected() override { reconciler_->OnConnected(); }
  void OnDisconnected(const Error& why) override { reconciler_->OnDisconnected(why); }
  void OnForeignChange(const ofctl::ForeignChange& change) override {
    reconciler_->OnForeignChange(change);
  }
};

INSTANTIATE_TEST_SUITE_P(Families, LearnedFlowsOfASwitchTest,
                         testing::Values(IpFamily::kIPv4, IpFamily::kIPv6), [](const auto& of) {
                           return of.param == IpFamily::kIPv4 ? "IPv4" : "IPv6";
                         });

TEST_P(LearnedFlowsOfASwitchTest, PacketsOfBothDirectionsArriveAsTheyWere) {
  EXPECT_EQ(Send(There(7777)), FrameOf(There(7777), Node().mac, MacOf(kDb)));
  EXPECT_EQ(Send(Back(7777)), FrameOf(Back(7777), Node().mac, MacOf(kWeb)));
  EXPECT_EQ(Send(There(7778)), std::nullopt);
  EXPECT_EQ(Send(Back(7778)), std::nullopt);
}

TEST_P(LearnedFlowsOfASwitchTest, AnAgentNeitherRemovesThemNorTakesThemForDrift) {
  ASSERT_TRUE(Send(There(7777)));
  ASSERT_EQ(Learned(), 1u);
  Settle();
  EXPECT_EQ(Learned(), 1u);
  EXPECT_EQ(reconciler_->counters().foreign_changes, 0u);
  StartAgent();
  EXPECT_EQ(reconciler_->counters().flow_mods, 0u) << "nothing has changed";
  EXPECT_EQ(Learned(), 1u);
  EXPECT_TRUE(Send(Back(7777)));
}

TEST_P(LearnedFlowsOfASwitchTest, WhatElseAppearsInTheirTableIsRemoved) {
  ASSERT_TRUE(Send(There(7777)));
  sandbox_.Ofctl("add-flow br0 'table=25,priority=100,sctp,actions=set_field:1/1->reg4'");
  Settle();
  EXPECT_EQ(Learned(), 1u);
  EXPECT_EQ(reconciler_->counters().foreign_changes, 1u);
}

TEST_P(LearnedFlowsOfASwitchTest, ARevokedPermissionStopsBothDirections) {
  ASSERT_TRUE(Send(There(7777)));
  ASSERT_TRUE(Send(Back(7777)));
  desired_->Apply({fakes::Gone(Permission())});
  Settle();
  EXPECT_FALSE(Send(Back(7777)));
  EXPECT_FALSE(Send(There(7777)));
  Apply(Permission());
  Settle();
  EXPECT_TRUE(Send(Back(7777)));
  EXPECT_TRUE(Send(There(7777)));
}

}  // namespace
}  // namespace sluice::reconcile
