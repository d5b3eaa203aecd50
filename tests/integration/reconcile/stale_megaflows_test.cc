// Megaflows that the switch made of flows of before: what Open vSwitch's userspace datapath does to
// them, and that the agent leaves none in force.
#include "agent/stale_megaflows.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>

#include "agent/reconcile/flow_reconciler.h"
#include "ofctl/ovs_bridge.h"
#include "tests/fakes/builders.h"
#include "tests/fakes/event_loop.h"
#include "tests/fakes/frames.h"
#include "tests/fakes/ovs_sandbox.h"

namespace sluice::reconcile {
namespace {

using std::chrono::milliseconds;

constexpr OfPort kGateway{2};
constexpr MacAddress kGatewayMac({2, 0, 0, 0, 0, 1});

struct LocalPod {
  const char* name;
  const char* address;
  OfPort port;
};
constexpr LocalPod kWeb{"web", "10.0.0.1", {10}};
constexpr LocalPod kDb{"db", "10.0.0.2", {11}};
constexpr LocalPod kCache{"cache", "10.0.0.3", {12}};
constexpr LocalPod kLog{"log", "10.0.0.4", {13}};

constexpr uint16_t kOpener = 5000;

enum TcpFlags : uint16_t { kSyn = 0x02, kSynAck = 0x12, kAck = 0x10 };

// Sequence numbers begin at 0: conntrack looks at them.
struct Segment {
  LocalPod from;
  LocalPod to;
  std::pair<uint16_t, uint16_t> ports;  // source, destination
  TcpFlags flags;
};

fakes::Bytes FrameOf(const Segment& segment) {
  constexpr size_t kIp = 14;
  constexpr size_t kTcp = kIp + 20;
  const IpAddress from = fakes::Ip(segment.from.address);
  const IpAddress to = fakes::Ip(segment.to.address);
  fakes::Bytes frame;
  using fakes::Put;
  Put(frame, kGatewayMac.bits(), 6);
  Put(frame, store::MacFor(from).bits(), 6);
  Put(frame, ofctl::kEthTypeIPv4, 2);
  Put(frame, 0x45000000 | 40, 4);
  Put(frame, 0, 4);
  Put(frame, 64 << 24 | ofctl::kProtoTcp << 16, 4);
  Put(frame, from.v4(), 4);
  Put(frame, to.v4(), 4);
  fakes::PutAt(frame, kIp + 10, fakes::Checksum(frame, kIp));
  Put(frame, segment.ports.first, 2);
  Put(frame, segment.ports.second, 2);
  Put(frame, segment.flags == kAck ? 1 : 0, 4);
  Put(frame, segment.flags == kSyn ? 0 : 1, 4);
  Put(frame, 0x5000 | segment.flags, 2);
  Put(frame, 65535, 2);
  Put(frame, 0, 4);
  // With the pseudo header: the addresses, the protocol and the length.
  const uint32_t addresses =
      from.v4() / 0x10000 + from.v4() % 0x10000 + to.v4() / 0x10000 + to.v4() % 0x10000;
  fakes::PutAt(frame, kTcp + 16, fakes::Checksum(frame, kTcp, addresses + ofctl::kProtoTcp + 20));
  return frame;
}

std::string NameOf(OfPort port) { return "p" + std::to_string(port.value); }

// A switch whose exact-match cache takes every megaflow (one in a hundred packets by default), and
// pods of namespace shop on it.
class StaleMegaflowsOfASwitchTest : public testing::Test, private ofctl::Bridge::Listener {
 protected:
  StaleMegaflowsOfASwitchTest() : sandbox_(fakes::OvsSandbox::Datapath::kDummy) {
    std::string command =
        "set Open_vSwitch . other_config:emc-insert-inv-prob=1 -- add-br br0 -- set bridge br0 "
        "datapath_type=dummy fail_mode=secure";
    for (const OfPort port : {kGateway, kWeb.port, kDb.port, kCache.port, kLog.port}) {
      const std::string name = NameOf(port);
      command += " -- add-port br0 " + name + " -- set interface " + name +
                 " type=dummy ofport_request=" + std::to_string(port.value) +
                 " options:tx_pcap=" + PcapOf(port);
    }
    sandbox_.Vsctl(command);
    reconciler_.WhenMegaflowsMayBeStale([this] {
      if (agent_purges_) megaflows_.Purge();
    });
    Apply(fakes::NamespaceOf("shop"));
    for (const LocalPod& pod : {kWeb, kDb, kCache, kLog}) Attach(pod);
    reconciler_.OnSourcesSynced();
    bridge_.Start();
    Settle();
  }

  std::string PcapOf(OfPort port) const { return sandbox_.rundir() + "/" + NameOf(port) + ".pcap"; }

  void Apply(const store::Object& object) { desired_.Apply({fakes::Present(object)}); }
  void Attach(const LocalPod& local) {
    const store::Pod pod =
        fakes::PodBuilder("shop", local.name).Labels({{"app", local.name}}).Ip(local.address);
    Apply(pod);
    desired_.PutEndpoint(fakes::EndpointOf(pod, local.port));
  }
  static fakes::PolicyBuilder Into(const LocalPod& pod) {
    return fakes::PolicyBuilder("shop", std::string("into-") + pod.name)
        .Selects({fakes::Is("app", pod.name)});
  }
  // In force, as far as the flows say.
  void Settle() {
    bool installed = false;
    reconciler_.AwaitInstalled([&installed] { installed = true; });
    Await([&] { return installed && reconciler_.idle(); });
  }
  void Enforce(const store::NetworkPolicy& policy) {
    Apply(policy);
    Settle();
  }
  void AwaitPurges(uint64_t count) {
    Await([&] { return megaflows_.purge().counters().purges >= count; });
  }

  template <typename Condition>
  void Await(const Condition& condition) {
    fakes::RunUntil(io_, condition);
  }
  MegaflowPurge::Schedule OnLoop() {
    return [this](uint32_t delay_ms, std::function<void()> work) {
      auto timer = std::make_shared<boost::asio::steady_timer>(io_, milliseconds(delay_ms));
      timer->async_wait([timer, work = std::move(work)](const boost::system::error_code& error) {
        if (!error) work();
      });
    };
  }

  // Whether the receiver gets it. The switch's main loop receives it before it answers the next
  // command.
  bool Arrives(const Segment& segment) const {
    const size_t before = Sent(segment.to.port);
    sandbox_.Appctl("netdev-dummy/receive " + NameOf(segment.from.port) + " " +
                    fakes::Hex(FrameOf(segment)));
    sandbox_.Appctl("version");
    return Sent(segment.to.port) > before;
  }
  // Web's first segment.
  bool Opens(const LocalPod& to, uint16_t port) const {
    return Arrives({kWeb, to, {kOpener, port}, kSyn});
  }
  // Web opens a connection, and it is answered.
  bool Connects(const LocalPod& to, uint16_t port) const {
    return Opens(to, port) && Arrives({to, kWeb, {port, kOpener}, kSynAck}) && GoesOn(to, port);
  }
  // Another segment of it.
  bool GoesOn(const LocalPod& to, uint16_t port) const {
    return Arrives({kWeb, to, {kOpener, port}, kAck});
  }
  // How many frames the switch sent by the port.
  size_t Sent(OfPort port) const { return fakes::Captured(PcapOf(port)).size(); }
  // The revalidators go over all megaflows, knowing all flows of now: twice, because the first time
  // may come too early.
  void Sweep() const {
    for (int i = 0; i < 2; ++i) {
      sandbox_.Appctl("revalidator/pause");
      sandbox_.Appctl("revalidator/resume");
      sandbox_.Appctl("revalidator/wait");
    }
  }
  std::string Megaflows() const { return sandbox_.Appctl("dpctl/dump-flows -m"); }

  // A connection to db's port 80 has a megaflow, which names the port, and those to all ports of db
  // have another one, whose mask is older. Both allow.
  void OverlapMegaflows() {
    // What is said of the others stays, and with it what the masks need.
    Enforce(Into(kCache).Ingress(fakes::RuleBuilder()));
    Enforce(Into(kLog).Ingress(fakes::RuleBuilder().Pods({fakes::Is("app", "web")})));
    Enforce(Into(kDb).Ingress(fakes::RuleBuilder()));
    ASSERT_TRUE(Connects(kCache, 5));  // the wide mask
    Enforce(Into(kDb).Ingress(fakes::RuleBuilder().Pods({fakes::Is("app", "web")}).Tcp(80)));
    ASSERT_TRUE(Connects(kDb, 80));  // the narrow megaflow
    Enforce(Into(kDb).Ingress(fakes::RuleBuilder()));
    Sweep();
    ASSERT_TRUE(Connects(kDb, 81));  // the wide megaflow
  }

  fakes::OvsSandbox sandbox_;
  boost::asio::io_context io_;
  bool agent_purges_ = false;
  DesiredState desired_{{kGateway, kGatewayMac, {fakes::Ip("10.0.255.254")}}};
  ofctl::OvsBridge bridge_{io_,
                           {.connection = {.socket_path = sandbox_.mgmt_socket("br0")}},
                           static_cast<ofctl::Bridge::Listener&>(*this)};
  FlowReconciler reconciler_{bridge_, desired_, OnLoop()};
  StaleMegaflows megaflows_{io_, sandbox_.rundir(), OnLoop()};

 private:
  void OnConnected() override { reconciler_.OnConnected(); }
  void OnDisconnected(const Error& why) override { reconciler_.OnDisconnected(why); }
  void OnForeignChange(const ofctl::ForeignChange& change) override {
    reconciler_.OnForeignChange(change);
  }
};

// A fault of Open vSwitch 3.1: revalidators that want to change the narrow megaflow change the
// first one that its packet finds, the wide one. So what changes from output to drop, or back, must
// never be a change to them.
TEST_F(StaleMegaflowsOfASwitchTest, WithoutAPurgeTheRevalidatorsEndARevokedConnection) {
  OverlapMegaflows();
  Enforce(Into(kDb).IsolatesIngress());
  Sweep();
  EXPECT_FALSE(GoesOn(kDb, 81)) << Megaflows();
  EXPECT_FALSE(GoesOn(kDb, 80)) << Megaflows();
}

TEST_F(StaleMegaflowsOfASwitchTest, WithoutAPurgeTheyLetAPermittedOneIn) {
  // The same two, and both drop.
  Enforce(Into(kCache).IsolatesIngress());
  Enforce(Into(kDb).IsolatesIngress());
  ASSERT_FALSE(Opens(kCache, 5));
  Enforce(Into(kDb).Ingress(fakes::RuleBuilder().Pods({fakes::Is("app", "web")}).Tcp(90)));
  ASSERT_FALSE(Opens(kDb, 80));
  Enforce(Into(kDb).IsolatesIngress());
  Sweep();
  ASSERT_FALSE(Opens(kDb, 81));
  Enforce(Into(kDb).Ingress(fakes::RuleBuilder()));
  Sweep();
  EXPECT_TRUE(Opens(kDb, 81)) << Megaflows();
  EXPECT_TRUE(Opens(kDb, 80)) << Megaflows();
}

TEST_F(StaleMegaflowsOfASwitchTest, WithTheAgentItEndsAtOnce) {
  OverlapMegaflows();
  agent_purges_ = true;
  Enforce(Into(kDb).IsolatesIngress());
  AwaitPurges(1);
  EXPECT_FALSE(GoesOn(kDb, 80)) << Megaflows();
  EXPECT_FALSE(GoesOn(kDb, 81)) << Megaflows();
  EXPECT_TRUE(GoesOn(kCache, 5));
  Sweep();
  EXPECT_FALSE(GoesOn(kDb, 80)) << Megaflows();
}

TEST_F(StaleMegaflowsOfASwitchTest, NoRevalidatorIsWaitedFor) {
  ASSERT_TRUE(Connects(kDb, 80));
  sandbox_.Appctl("revalidator/pause");
  agent_purges_ = true;
  Enforce(Into(kDb).IsolatesIngress());
  AwaitPurges(1);
  EXPECT_EQ(Megaflows().find("in_port(" + NameOf(kWeb.port)), std::string::npos) << Megaflows();
  EXPECT_FALSE(GoesOn(kDb, 80));
  sandbox_.Appctl("revalidator/resume");
}

TEST_F(StaleMegaflowsOfASwitchTest, APodThatIsAttachedLeavesThemAlone) {
  desired_.RemoveEndpoint(
      fakes::EndpointOf(fakes::PodBuilder("shop", kLog.name).Ip(kLog.address), kLog.port).id);
  Settle();
  ASSERT_TRUE(Connects(kDb, 80));
  agent_purges_ = true;
  Attach(kLog);
  Settle();
  EXPECT_FALSE(megaflows_.purge().owed());
  EXPECT_EQ(megaflows_.purge().counters().purges, 0u);
  EXPECT_NE(Megaflows().find("in_port(" + NameOf(kWeb.port)), std::string::npos);
}

}  // namespace
}  // namespace sluice::reconcile
