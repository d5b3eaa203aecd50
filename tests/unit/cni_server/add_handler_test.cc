#include "agent/cni_server/add_handler.h"

#include <gtest/gtest.h>

#include "tests/unit/cni_server/fake_steps.h"

namespace sluice::cni_server {
namespace {

using std::chrono::milliseconds;

class AddHandlerTest : public testing::Test {
 protected:
  void Start(const cni::Request& request = AddRequest()) {
    HandleAdd(
        {.steps = steps_, .request = request, .deadline = now_ + request.deadline},
        [this] { return now_; },
        [this](cni::Response response) {
          ++replies_;
          response_ = std::move(response);
        });
  }
  cni::Response Add(const cni::Request& request = AddRequest()) {
    Start(request);
    steps_.Run();
    return response_;
  }

  FakeSteps steps_;
  TimePoint now_{std::chrono::hours(1)};
  cni::Response response_ = Internal("no reply");
  int replies_ = 0;
};

TEST_F(AddHandlerTest, AttachesThePodAndRepliesWhatThePluginNeeds) {
  const cni::Response response = Add();

  ASSERT_TRUE(response.ok()) << response.error().message();
  const store::Endpoint& endpoint = steps_.endpoints.at({"c1", "eth0"});
  EXPECT_EQ(endpoint.pod, (store::ObjectKey{"shop", "web"}));
  EXPECT_EQ(endpoint.network, "sluice");
  EXPECT_EQ(endpoint.pod_uid, "u1");
  EXPECT_EQ(endpoint.netns, "/run/netns/c1");
  EXPECT_EQ(endpoint.ips, AddRequest().ips);
  EXPECT_EQ(endpoint.mac.ToString(), "0a:58:0a:f4:00:05");
  EXPECT_EQ(endpoint.ofport, OfPort{7});
  EXPECT_EQ(steps_.links, std::set<std::string>{endpoint.host_ifname});
  EXPECT_EQ(steps_.ports, steps_.links);
  EXPECT_EQ(response->attached, (cni::Attached{.host_ifname = endpoint.host_ifname,
                                               .mac = endpoint.mac,
                                               .gateways = steps_.Gateways()}));
}

TEST_F(AddHandlerTest, RepliesOnlyWhenTheSwitchHasTheFlows) {
  steps_.Hold("Enforce");
  Start();
  steps_.Run();
  EXPECT_EQ(replies_, 0);
  steps_.Release("Enforce");
  EXPECT_EQ(replies_, 1);
  EXPECT_TRUE(response_.ok());
}

TEST_F(AddHandlerTest, LeavesNothingBehindWhicheverStepFails) {
  for (const std::string step : {"WaitForPod", "CreateLink", "AddPort", "Enforce"}) {
    steps_.failures = {{step, Timeout("broken")}};
    const cni::Response response = Add();
    ASSERT_FALSE(response.ok()) << step;
    EXPECT_EQ(response.error().code(), ErrorCode::kTimeout) << step;
    EXPECT_TRUE(steps_.Empty()) << step;
  }
  EXPECT_EQ(replies_, 4);
}

TEST_F(AddHandlerTest, SaysWhatItWaitedFor) {
  steps_.failures = {{"WaitForPod", Timeout("not seen in 20 s")}};
  EXPECT_EQ(Add().error().message(), "waiting for the object of pod shop/web: not seen in 20 s");
  steps_.failures = {{"Enforce", Timeout("switch is away")}};
  EXPECT_EQ(Add().error().message(),
            "waiting for the switch to acknowledge the flows: switch is away");
}

TEST_F(AddHandlerTest, UndoesAStepThatSucceedsAfterTheDeadline) {
  for (const std::string late : {"WaitForPod", "CreateLink", "AddPort", "Enforce"}) {
    const TimePoint before = now_;
    steps_.on_step = [&](const std::string& step) {
      if (step == late) now_ += std::chrono::minutes(1);
    };
    const cni::Response response = Add();
    ASSERT_FALSE(response.ok()) << late;
    EXPECT_EQ(response.error().code(), ErrorCode::kTimeout) << late;
    EXPECT_TRUE(steps_.Empty()) << late;
    now_ = before;
  }
}

TEST_F(AddHandlerTest, UndoesTheRestWhenUndoingAStepFailsAndSaysSo) {
  steps_.failures = {{"Enforce", Refused("bad flow")}, {"DeletePort", Unavailable("no database")}};
  const cni::Response response = Add();
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().code(), ErrorCode::kRefused);
  EXPECT_NE(response.error().message().find("bad flow; undoing it: removing port slu"),
            std::string::npos)
      << response.error().message();
  EXPECT_TRUE(steps_.links.empty());
  EXPECT_TRUE(steps_.endpoints.empty());
}

TEST_F(AddHandlerTest, KeepsTimeForTheSwitchWhileItWaitsForThePod) {
  ASSERT_TRUE(Add().ok());
  EXPECT_EQ(steps_.waited_for.key, (store::ObjectKey{"shop", "web"}));
  EXPECT_EQ(steps_.waited_for.uid, "u1");
  EXPECT_EQ(steps_.pod_deadline, milliseconds(20'000));
}

TEST_F(AddHandlerTest, StartsNothingWhileTheAgentIsNotReady) {
  steps_.ready = Unavailable("the switch is not connected");
  EXPECT_EQ(Add().error(), Unavailable("the switch is not connected"));
  EXPECT_TRUE(steps_.Empty());
}

TEST_F(AddHandlerTest, RefusesAnotherGatewayThanItsOwnNamingBoth) {
  cni::Request request = AddRequest();
  request.gateways = {IpAddress::FromV4(0x0af400fe)};
  EXPECT_EQ(Add(request).error(), Invalid("IPAM names gateway 10.244.0.254, but the gateway of "
                                          "this node is 10.244.0.1"));
  EXPECT_TRUE(steps_.Empty());
}

TEST_F(AddHandlerTest, AttachesAPodOfBothFamilies) {
  const IpAddress gateway = *ParseIp("fd00::1");
  steps_.gateways.push_back(gateway);
  cni::Request request = AddRequest();
  request.ips.insert(request.ips.begin(), *ParseIp("fd00::5"));
  request.gateways.insert(request.gateways.begin(), gateway);

  const cni::Response response = Add(request);

  ASSERT_TRUE(response.ok()) << response.error().message();
  EXPECT_EQ(response->attached->gateways, steps_.gateways);
  EXPECT_EQ(response->attached->mac.ToString(), "0a:58:0a:f4:00:05") << "not of the IPv4 address";
}

TEST_F(AddHandlerTest, APodOfOneFamilyOnADualStackNodeIsToldOfThatOne) {
  const std::vector<IpAddress> ipv4 = steps_.gateways;
  steps_.gateways.push_back(*ParseIp("fd00::1"));
  const cni::Response response = Add();
  ASSERT_TRUE(response.ok()) << response.error().message();
  EXPECT_EQ(response->attached->gateways, ipv4);
}

TEST_F(AddHandlerTest, RefusesAnAddressOfAFamilyThatTheNodeHasNoGatewayOf) {
  cni::Request request = AddRequest();
  request.ips.push_back(*ParseIp("fd00::5"));
  EXPECT_EQ(Add(request).error(),
            Invalid("IPAM gives the pod fd00::5, but this node has no gateway of IPv6 (--gateway, "
                    "--pod_cidr of the agent)"));
  request.ips.pop_back();
  request.gateways.push_back(*ParseIp("fd00::1"));
  EXPECT_EQ(Add(request).error(),
            Invalid("IPAM names gateway fd00::1, but this node has none of that family"));
  EXPECT_TRUE(steps_.Empty());
}

TEST_F(AddHandlerTest, RedoesARepeatedAddCleanly) {
  ASSERT_TRUE(Add().ok());
  std::vector<std::string> steps;
  steps_.on_step = [&](const std::string& step) { steps.push_back(step); };
  ASSERT_TRUE(Add().ok());
  EXPECT_EQ(steps, (std::vector<std::string>{"Withdraw", "DeletePort", "DeleteLink", "WaitForPod",
                                             "CreateLink", "AddPort", "Enforce"}));
  EXPECT_EQ(steps_.endpoints.size(), 1u);
}

TEST_F(AddHandlerTest, RefusesAnAttachmentThatExistsForAnotherPodOrAddress) {
  ASSERT_TRUE(Add().ok());
  cni::Request other_pod = AddRequest();
  other_pod.pod.name = "db";
  EXPECT_EQ(Add(other_pod).error().code(), ErrorCode::kRefused);
  cni::Request other_ip = AddRequest();
  other_ip.ips = {IpAddress::FromV4(0x0af40006)};
  EXPECT_EQ(Add(other_ip).error().code(), ErrorCode::kRefused);
  EXPECT_EQ(steps_.endpoints.at({"c1", "eth0"}).pod.name, "web");
}

TEST_F(AddHandlerTest, RefusesAnAddressThatALivingAttachmentHas) {
  ASSERT_TRUE(Add().ok());
  cni::Request second = AddRequest();
  second.container_id = "c2";
  EXPECT_EQ(Add(second).error(),
            Refused("IPAM gives the pod 10.244.0.5, which attachment c1/eth0 of pod shop/web still "
                    "has"));
  EXPECT_EQ(steps_.endpoints.size(), 1u);
  EXPECT_EQ(steps_.links.size(), 1u);
}

TEST_F(AddHandlerTest, TakesAnAddressFromAnAttachmentThatIsLost) {
  ASSERT_TRUE(Add().ok());
  steps_.links.clear();  // the node was booted anew
  cni::Request second = AddRequest();
  second.container_id = "c2";
  ASSERT_TRUE(Add(second).ok());
  ASSERT_EQ(steps_.endpoints.size(), 1u);
  EXPECT_EQ(steps_.endpoints.begin()->first.container_id, "c2");
  EXPECT_EQ(steps_.ports.size(), 1u);
}

TEST_F(AddHandlerTest, DoesNotStartWithoutTimeLeft) {
  cni::Request request = AddRequest();
  request.deadline = milliseconds(0);
  EXPECT_EQ(Add(request).error().code(), ErrorCode::kTimeout);
}

}  // namespace
}  // namespace sluice::cni_server
