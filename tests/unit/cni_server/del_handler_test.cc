#include "agent/cni_server/del_handler.h"

#include <gtest/gtest.h>

#include "agent/cni_server/add_handler.h"
#include "tests/unit/cni_server/fake_steps.h"

namespace sluice::cni_server {
namespace {

const store::AttachmentId kId{"c1", "eth0"};

class DelHandlerTest : public testing::Test {
 protected:
  void Add() {
    const TimePoint now{};
    HandleAdd(
        {.steps = steps_, .request = AddRequest(), .deadline = now + AddRequest().deadline},
        [now] { return now; }, [](const cni::Response&) {});
    steps_.Run();
  }
  cni::Response Del() {
    cni::Response response = Internal("no reply");
    HandleDel(steps_, kId, [&](cni::Response reply) { response = std::move(reply); });
    steps_.Run();
    return response;
  }

  FakeSteps steps_;
};

TEST_F(DelHandlerTest, RemovesFlowsThenPortThenLink) {
  Add();
  std::vector<std::string> steps;
  steps_.on_step = [&](const std::string& step) { steps.push_back(step); };
  EXPECT_TRUE(Del().ok());
  EXPECT_EQ(steps, (std::vector<std::string>{"Withdraw", "DeletePort", "DeleteLink"}));
  EXPECT_TRUE(steps_.Empty());
}

TEST_F(DelHandlerTest, SucceedsForAContainerNobodyKnows) {
  EXPECT_TRUE(Del().ok());
  EXPECT_TRUE(Del().ok());
}

TEST_F(DelHandlerTest, RemovesThePortAndLinkOfAnEndpointThatWasForgotten) {
  Add();
  steps_.endpoints.clear();
  EXPECT_TRUE(Del().ok());
  EXPECT_TRUE(steps_.Empty());
}

TEST_F(DelHandlerTest, GoesOnAfterAFailureAndFinishesWhenItIsRepeated) {
  for (const std::string step : {"Withdraw", "DeletePort", "DeleteLink"}) {
    Add();
    steps_.failures = {{step, Unavailable("broken")}};
    const cni::Response response = Del();
    ASSERT_FALSE(response.ok()) << step;
    EXPECT_EQ(response.error().code(), ErrorCode::kUnavailable);
    EXPECT_EQ(steps_.ports.empty(), step != "DeletePort");
    EXPECT_EQ(steps_.links.empty(), step != "DeleteLink");
    steps_.failures.clear();
    EXPECT_TRUE(Del().ok());
    EXPECT_TRUE(steps_.Empty());
  }
}

}  // namespace
}  // namespace sluice::cni_server
