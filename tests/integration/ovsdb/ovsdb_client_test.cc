#include "agent/ovsdb/ovsdb_client.h"

#include <glog/logging.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cstring>
#include <functional>
#include <map>
#include <optional>

#include "tests/fakes/ovs_sandbox.h"

namespace sluice::ovsdb {
namespace {

using fakes::OvsSandbox;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;

constexpr std::chrono::seconds kPatience{20};
const store::ExternalIds kIds = {{"sluice-container-id", "c1"}, {"sluice-ifname", "eth0"}};

BridgeSpec Spec() {
  return {
      .name = "br-int",
      .datapath_type = "dummy",
      .tables = {{.table = 0, .name = "Classifier", .prefixes = {}},
                 {.table = 50, .name = "SourceClass", .prefixes = {"ct_nw_src", "ct_ipv6_src"}}},
      .gateway = {.name = "gw0", .ofport = OfPort{2}, .mac = MacAddress({0x0a, 0x58, 0, 0, 0, 1})},
      .local_mac = MacAddress({0x0a, 0x58, 0, 0, 0, 2})};
}

// What the listener was told, folded into what it should believe now.
class Believer : public SwitchDatabase::Listener {
 public:
  void OnSnapshot(const std::vector<InterfaceRow>& all) override {
    ++snapshots;
    rows.clear();
    for (const InterfaceRow& row : all) rows[row.name] = row;
  }
  void OnInterface(const InterfaceRow& row) override { rows[row.name] = row; }
  void OnInterfaceGone(const std::string& name) override { rows.erase(name); }
  void OnDisconnected(const Error&) override { ++disconnects; }

  int snapshots = 0;
  int disconnects = 0;
  std::map<std::string, InterfaceRow> rows;
};

class OvsdbClientTest : public ::testing::Test {
 protected:
  explicit OvsdbClientTest(OvsSandbox::Datapath datapath = OvsSandbox::Datapath::kDummy)
      : ovs_(datapath) {
    Connect(std::chrono::seconds(10));
  }

  void Connect(std::chrono::milliseconds deadline, const std::string& port_type = "dummy") {
    client_.emplace(io_,
                    OvsdbClient::Config{.socket_path = ovs_.db_socket(),
                                        .bridge = "br-int",
                                        .port_type = port_type,
                                        .deadline = deadline,
                                        .backoff = {.first = std::chrono::milliseconds(10),
                                                    .max = std::chrono::milliseconds(100)}},
                    believer_);
    client_->Start();
    const int before = believer_.snapshots;
    RunUntil([this, before] { return believer_.snapshots > before; });
  }

  void RunUntil(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!condition() && std::chrono::steady_clock::now() < deadline) {
      io_.restart();
      io_.run_one_until(deadline);
    }
    ASSERT_TRUE(condition());
  }

  Status EnsureBridge(const BridgeSpec& spec = Spec()) {
    std::optional<Status> outcome;
    client_->EnsureBridge(spec, [&](const Status& status) { outcome = status; });
    EXPECT_FALSE(outcome.has_value()) << "called inside the call";
    RunUntil([&] { return outcome.has_value(); });
    return *outcome;
  }

  Result<OfPort> AddPort(const std::string& name, const store::ExternalIds& ids = kIds) {
    std::optional<Result<OfPort>> outcome;
    client_->AddPort(name, ids, [&](const Result<OfPort>& port) { outcome = port; });
    EXPECT_FALSE(outcome.has_value()) << "called inside the call";
    RunUntil([&] { return outcome.has_value(); });
    return *outcome;
  }

  Status DeletePort(const std::string& name) {
    std::optional<Status> outcome;
    client_->DeletePort(name, [&](const Status& status) { outcome = status; });
    RunUntil([&] { return outcome.has_value(); });
    return *outcome;
  }

  // Every transaction of the client bumps it.
  std::string NextCfg() { return ovs_.Vsctl("get Open_vSwitch . next_cfg"); }

  OvsSandbox ovs_;
  boost::asio::io_context io_;
  Believer believer_;
  std::optional<OvsdbClient> client_;
};

TEST_F(OvsdbClientTest, CreatesTheBridgeAndTheSwitchHasItAtOnce) {
  const Status status = EnsureBridge();
  ASSERT_TRUE(status.ok()) << status.error().message();

  EXPECT_THAT(ovs_.Vsctl("get-fail-mode br-int"), HasSubstr("secure"));
  const std::string ports = ovs_.Ofctl("show br-int");
  EXPECT_THAT(ports, HasSubstr("2(gw0): addr:0a:58:00:00:00:01"));
  EXPECT_THAT(ports, HasSubstr("LOCAL(br-int): addr:0a:58:00:00:00:02"));
  EXPECT_THAT(ovs_.Ofctl("dump-flows br-int"), Not(HasSubstr("NORMAL")));
  EXPECT_EQ(believer_.rows.at("gw0").ofport, OfPort{2});
  EXPECT_THAT(believer_.rows, Contains(Key("br-int")));
}

TEST_F(OvsdbClientTest, TablesHaveNamesAndPrefixesInTheSwitch) {
  ASSERT_TRUE(EnsureBridge().ok());

  ovs_.Ofctl("add-flow br-int table=50,actions=drop");

  EXPECT_THAT(ovs_.Ofctl("--names dump-flows br-int"), HasSubstr("table=SourceClass"));
  EXPECT_THAT(ovs_.Vsctl("--columns=prefixes find Flow_Table name=SourceClass"),
              HasSubstr("[ct_ipv6_src, ct_nw_src]"));
}

TEST_F(OvsdbClientTest, WritesNothingWhenAllIsRight) {
  ASSERT_TRUE(EnsureBridge().ok());
  const std::string before = NextCfg();

  ASSERT_TRUE(EnsureBridge().ok());

  EXPECT_EQ(NextCfg(), before);
}

TEST_F(OvsdbClientTest, CorrectsABridgeThatSomebodyElseMade) {
  ovs_.Vsctl(
      "add-br br-int -- set bridge br-int datapath_type=dummy fail_mode=standalone"
      " other_config:hwaddr=\\\"0a:58:00:00:00:77\\\" -- --id=@t create Flow_Table name=Old"
      " -- set bridge br-int flow_tables:7=@t"
      " -- add-port br-int gw0 -- set interface gw0 type=internal ofport_request=9");
  RunUntil([&] { return believer_.rows["gw0"].ofport == OfPort{9}; });

  const Status status = EnsureBridge();

  ASSERT_TRUE(status.ok()) << status.error().message();
  EXPECT_THAT(ovs_.Vsctl("get-fail-mode br-int"), HasSubstr("secure"));
  const std::string ports = ovs_.Ofctl("show br-int");
  EXPECT_THAT(ports, HasSubstr("2(gw0): addr:0a:58:00:00:00:01"));
  EXPECT_THAT(ports, HasSubstr("LOCAL(br-int): addr:0a:58:00:00:00:02"));
  EXPECT_THAT(ovs_.Vsctl("--columns=name list Flow_Table"), Not(HasSubstr("Old")));
  const std::string after = NextCfg();
  ASSERT_TRUE(EnsureBridge().ok());
  EXPECT_EQ(NextCfg(), after) << "corrections do not converge";
}

TEST_F(OvsdbClientTest, GatewayNumberThatIsTakenIsRefused) {
  ovs_.Vsctl(
      "add-br br-int -- set bridge br-int datapath_type=dummy"
      " -- add-port br-int other -- set interface other type=dummy ofport_request=2");
  RunUntil([&] { return believer_.rows["other"].ofport == OfPort{2}; });

  const Status status = EnsureBridge();

  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kRefused);
  EXPECT_THAT(status.error().message(), HasSubstr("instead of 2"));
}

TEST_F(OvsdbClientTest, AddsAPortWithItsIdentity) {
  ASSERT_TRUE(EnsureBridge().ok());

  const auto port = AddPort("pod1");

  ASSERT_TRUE(port.ok()) << port.error().message();
  EXPECT_THAT(ovs_.Ofctl("show br-int"), HasSubstr(std::to_string(port->value) + "(pod1)"));
  EXPECT_EQ(believer_.rows.at("pod1"),
            (InterfaceRow{.name = "pod1", .ofport = *port, .error = "", .external_ids = kIds}));
}

TEST_F(OvsdbClientTest, TakesOverAnEqualPortWithoutWriting) {
  ASSERT_TRUE(EnsureBridge().ok());
  const auto first = AddPort("pod1");
  ASSERT_TRUE(first.ok());
  const std::string before = NextCfg();

  const auto second = AddPort("pod1");

  ASSERT_TRUE(second.ok());
  EXPECT_EQ(*first, *second);
  EXPECT_EQ(NextCfg(), before);
}

TEST_F(OvsdbClientTest, ReplacesAPortOfAnotherIdentity) {
  ASSERT_TRUE(EnsureBridge().ok());
  ASSERT_TRUE(AddPort("pod1").ok());
  const store::ExternalIds other = {{"sluice-container-id", "c2"}};

  const auto port = AddPort("pod1", other);

  ASSERT_TRUE(port.ok()) << port.error().message();
  EXPECT_EQ(believer_.rows.at("pod1").external_ids, other);
  EXPECT_EQ(believer_.rows.at("pod1").ofport, *port);
}

TEST_F(OvsdbClientTest, ADeviceThatCannotBeOpenedIsRefusedAndLeavesNoRow) {
  ASSERT_TRUE(EnsureBridge().ok());
  Connect(std::chrono::seconds(10), "nonsense");

  const auto port = AddPort("pod1");

  ASSERT_FALSE(port.ok());
  EXPECT_EQ(port.error().code(), ErrorCode::kRefused) << port.error().message();
  EXPECT_THAT(port.error().message(), HasSubstr("pod1"));
  EXPECT_THAT(ovs_.Vsctl("--columns=name find Interface name=pod1"), IsEmpty());
  EXPECT_THAT(believer_.rows, Not(Contains(Key("pod1"))));
}

TEST_F(OvsdbClientTest, ASwitchThatDoesNotAnswerIsATimeoutAndLeavesNoRow) {
  ASSERT_TRUE(EnsureBridge().ok());
  Connect(std::chrono::milliseconds(200));
  ovs_.KillSwitch();

  const auto port = AddPort("pod1");

  ASSERT_FALSE(port.ok());
  EXPECT_EQ(port.error().code(), ErrorCode::kTimeout) << port.error().message();
  EXPECT_THAT(ovs_.Vsctl("--no-wait --columns=name find Interface name=pod1"), IsEmpty());
}

TEST_F(OvsdbClientTest, ManyPortsAtOnceEachGetTheirOwnNumber) {
  ASSERT_TRUE(EnsureBridge().ok());
  std::map<uint32_t, int> ofports;
  int failures = 0;
  for (int i = 0; i < 100; ++i) {
    client_->AddPort("pod" + std::to_string(i), {{"i", std::to_string(i)}},
                     [&](const Result<OfPort>& port) {
                       if (port.ok()) {
                         ++ofports[port->value];
                       } else {
                         ++failures;
                       }
                     });
  }
  RunUntil([&] { return static_cast<int>(ofports.size()) + failures == 100; });
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(believer_.rows.size(), 102u);
}

TEST_F(OvsdbClientTest, CallsForOnePortTakeEffectInTheirOrder) {
  ASSERT_TRUE(EnsureBridge().ok());
  std::vector<std::string> order;
  client_->AddPort("pod1", kIds, [&](const Result<OfPort>& port) {
    order.push_back(port.ok() ? "added" : port.error().message());
  });
  client_->AddPort("pod1", kIds, [&](const Result<OfPort>& port) {
    order.push_back(port.ok() ? "added again" : port.error().message());
  });
  client_->DeletePort("pod1", [&](const Status& status) {
    order.push_back(status.ok() ? "deleted" : status.error().message());
  });
  RunUntil([&] { return order.size() == 3; });
  EXPECT_THAT(order, ElementsAre("added", "added again", "deleted"));
  EXPECT_THAT(ovs_.Vsctl("list-ports br-int"), Not(HasSubstr("pod1")));
}

TEST_F(OvsdbClientTest, DeletingIsIdempotent) {
  ASSERT_TRUE(EnsureBridge().ok());
  ASSERT_TRUE(AddPort("pod1").ok());

  EXPECT_TRUE(DeletePort("pod1").ok());
  EXPECT_TRUE(DeletePort("pod1").ok());

  EXPECT_THAT(ovs_.Vsctl("list-ports br-int"), Not(HasSubstr("pod1")));
  EXPECT_THAT(believer_.rows, Not(Contains(Key("pod1"))));
}

TEST_F(OvsdbClientTest, PortsOfOtherBridgesAreNeitherReportedNorTouched) {
  ASSERT_TRUE(EnsureBridge().ok());
  ovs_.Vsctl(
      "add-br other -- set bridge other datapath_type=dummy"
      " -- add-port other foreign -- set interface foreign type=dummy");

  EXPECT_TRUE(DeletePort("foreign").ok());
  const auto port = AddPort("foreign");

  ASSERT_FALSE(port.ok());
  EXPECT_EQ(port.error().code(), ErrorCode::kRefused);
  EXPECT_THAT(port.error().message(), HasSubstr("constraint violation"));
  EXPECT_THAT(ovs_.Vsctl("list-ports other"), HasSubstr("foreign"));
  EXPECT_THAT(believer_.rows, Not(Contains(Key("foreign"))));
}

TEST_F(OvsdbClientTest, WithoutABridgeAPortIsUnavailable) {
  const auto port = AddPort("pod1");
  ASSERT_FALSE(port.ok());
  EXPECT_EQ(port.error().code(), ErrorCode::kUnavailable);
  EXPECT_TRUE(DeletePort("pod1").ok());
}

TEST_F(OvsdbClientTest, NumbersAreReportedAfterTheSwitchRestarted) {
  ASSERT_TRUE(EnsureBridge().ok());
  const auto port = AddPort("pod1");
  ASSERT_TRUE(port.ok());
  ovs_.KillSwitch();
  ovs_.Vsctl("--no-wait set interface pod1 ofport_request=77");

  ovs_.StartSwitch();

  RunUntil([&] { return believer_.rows.at("pod1").ofport == OfPort{77}; });
  EXPECT_EQ(believer_.rows.at("gw0").ofport, OfPort{2});
}

// With real devices, in a network namespace of its own.
struct FreshNetns {
  FreshNetns() { PCHECK(unshare(CLONE_NEWNET) == 0) << "unshare (this test needs root)"; }
};

class OvsdbClientNetdevTest : private FreshNetns, public OvsdbClientTest {
 protected:
  OvsdbClientNetdevTest() : OvsdbClientTest(OvsSandbox::Datapath::kNetdev) {
    Connect(std::chrono::seconds(10), "");
  }

  static BridgeSpec Netdev() {
    BridgeSpec spec = Spec();
    spec.datapath_type = "netdev";
    return spec;
  }
};

TEST_F(OvsdbClientNetdevTest, AMissingDeviceIsRefusedInTheWordsOfTheSwitch) {
  const Status status = EnsureBridge(Netdev());
  ASSERT_TRUE(status.ok()) << status.error().message();

  const auto port = AddPort("slu1");

  ASSERT_FALSE(port.ok());
  EXPECT_EQ(port.error(),
            Refused("add port slu1: could not open network device slu1 (No such device)"));
  EXPECT_THAT(ovs_.Vsctl("--columns=name find Interface name=slu1"), IsEmpty());
}

TEST_F(OvsdbClientNetdevTest, GatewayAndLocalPortHaveTheirAddressesInTheKernel) {
  ASSERT_TRUE(EnsureBridge(Netdev()).ok());

  const std::map<std::string, MacAddress> expected = {{"gw0", Spec().gateway.mac},
                                                      {"br-int", Spec().local_mac}};
  for (const auto& [device, mac] : expected) {
    ifreq request{};
    device.copy(request.ifr_name, sizeof request.ifr_name - 1);
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    ASSERT_EQ(ioctl(fd, SIOCGIFHWADDR, &request), 0) << device;
    close(fd);
    EXPECT_EQ(std::memcmp(request.ifr_hwaddr.sa_data, mac.bytes().data(), 6), 0) << device;
  }
}

TEST_F(OvsdbClientTest, DestroyingTheClientWithCallsOutstandingIsSafe) {
  ASSERT_TRUE(EnsureBridge().ok());
  bool called = false;
  client_->AddPort("pod1", kIds, [&](const Result<OfPort>&) { called = true; });
  client_->DeletePort("pod2", [&](const Status&) { called = true; });
  client_.reset();
  io_.restart();
  io_.poll();
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace sluice::ovsdb
