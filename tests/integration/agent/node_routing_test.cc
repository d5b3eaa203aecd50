// From Node objects to the kernel's routes and nf_tables, in a network namespace.
#include "agent/node_routing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "tests/integration/netlink/test_namespace.h"

namespace sluice {
namespace {

using netlink::EnterFreshHost;
using netlink::RunOnHost;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

store::StoreEvent Node(const std::string& name, const std::string& cidr, const std::string& ip) {
  const store::Node node{
      .name = name, .internal_ips = {*ParseIp(ip)}, .pod_cidrs = {*ParseCidr(cidr)}};
  return {store::ObjectKind::kNode, {"", name}, node};
}

class NodeRoutingTest : public testing::Test {
 protected:
  NodeRoutingTest() {
    EnterFreshHost();
    RunOnHost("ip link add up0 type veth peer name up1; ip link set up1 up; ip link set up0 up");
    RunOnHost("ip addr add 172.30.0.1/24 dev up0");
    Restart();
  }

  void Restart() { routing_.emplace(io_, spec_); }
  void Tell(const std::vector<store::StoreEvent>& events) { routing_->OnNodes(events); }
  static std::string Routes() { return RunOnHost("ip route show proto 115"); }
  static std::string Ruleset() { return RunOnHost("nft list ruleset"); }

  boost::asio::io_context io_;
  NodeRouting::Spec spec_{
      .self = {.name = "n1", .pod_cidrs = {*ParseCidr("10.244.1.0/24")}},
      .pod_devices = {"sluice-gw0", "br-int"},
      .not_masqueraded = std::vector{*ParseCidr("192.168.0.0/16")},
  };
  std::optional<NodeRouting> routing_;
  const std::vector<store::StoreEvent> nodes_ = {Node("n1", "10.244.1.0/24", "172.30.0.1"),
                                                 Node("n2", "10.244.2.0/24", "172.30.0.2")};
};

TEST_F(NodeRoutingTest, OtherNodesGetARouteAndTheWorldSeesThisNode) {
  Tell(nodes_);
  EXPECT_THAT(Routes(), HasSubstr("10.244.2.0/24 via 172.30.0.2 dev up0"));
  EXPECT_THAT(Ruleset(),
              AllOf(HasSubstr("10.244.1.0/24, 10.244.2.0/24,"), HasSubstr("192.168.0.0/16"),
                    HasSubstr("ip saddr 10.244.1.0/24 ip daddr != @except4 masquerade")));
  EXPECT_THAT(routing_->complaints(), IsEmpty());
}

TEST_F(NodeRoutingTest, NothingIsTouchedBeforeTheNodesAreKnown) {
  EXPECT_EQ(Ruleset(), "");
  Tell(nodes_);
  const std::string routes = Routes();
  const std::string ruleset = Ruleset();
  Restart();
  EXPECT_EQ(Routes(), routes);
  EXPECT_EQ(Ruleset(), ruleset);
  Tell(nodes_);
  EXPECT_EQ(Routes(), routes);
  EXPECT_EQ(Ruleset(), ruleset);
}

TEST_F(NodeRoutingTest, ANodeThatGoesAndOneThatMovesAreFollowed) {
  Tell(nodes_);
  Tell({Node("n2", "10.244.2.0/24", "172.30.0.22"), Node("n3", "10.244.3.0/24", "172.30.0.3")});
  EXPECT_THAT(Routes(), AllOf(HasSubstr("10.244.2.0/24 via 172.30.0.22 "),
                              HasSubstr("10.244.3.0/24 via 172.30.0.3 ")));
  Tell({{store::ObjectKind::kNode, {"", "n2"}, std::nullopt}});
  EXPECT_THAT(Routes(), Not(HasSubstr("10.244.2.0/24")));
  EXPECT_THAT(Ruleset(), Not(HasSubstr("10.244.2.0/24")));
}

TEST_F(NodeRoutingTest, ANodeThatWentWhileTheAgentWasAwayLosesItsRoute) {
  Tell(nodes_);
  Restart();
  Tell({nodes_.front()});
  EXPECT_EQ(Routes(), "");
}

TEST_F(NodeRoutingTest, ANodeBeyondTheLinkIsAComplaintAndStillNotMasqueraded) {
  Tell({nodes_.front(), Node("n2", "10.244.2.0/24", "192.0.2.7")});
  EXPECT_EQ(Routes(), "");
  EXPECT_THAT(routing_->complaints(), ElementsAre(HasSubstr("Node n2: no route")));
  EXPECT_THAT(Ruleset(), HasSubstr("10.244.2.0/24"));
}

TEST_F(NodeRoutingTest, TurnedOffItTakesBackWhatAnEarlierOneHasMade) {
  Tell(nodes_);
  spec_.not_masqueraded.reset();
  Restart();
  Tell(nodes_);
  EXPECT_EQ(Ruleset(), "");
  EXPECT_THAT(Routes(), HasSubstr("10.244.2.0/24"));
}

TEST_F(NodeRoutingTest, ThousandsOfNodesComeBitByBit) {
  std::vector<store::StoreEvent> events = {nodes_.front()};
  for (int i = 2; i < 502; ++i) {
    const std::string n = std::to_string(i / 200 + 1) + "." + std::to_string(i % 200);
    events.push_back(Node("n" + std::to_string(i), "10." + n + ".0/24", "172.30.0.9"));
  }
  Tell(events);
  for (int turns = 0; turns < 20 && io_.run_one_for(std::chrono::seconds(1)) > 0; ++turns) {
    if (RunOnHost("ip route show proto 115 | wc -l") == "500\n") break;
  }
  EXPECT_EQ(RunOnHost("ip route show proto 115 | wc -l"), "500\n");
}

}  // namespace
}  // namespace sluice
