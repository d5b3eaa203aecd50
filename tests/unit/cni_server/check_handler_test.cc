#include "agent/cni_server/check_handler.h"

#include <gtest/gtest.h>

#include "tests/unit/cni_server/fake_steps.h"

namespace sluice::cni_server {
namespace {

class CheckHandlerTest : public testing::Test {
 protected:
  CheckHandlerTest() {
    store::Endpoint& endpoint = steps_.endpoints[{"c1", "eth0"}];
    endpoint.id = {"c1", "eth0"};
    endpoint.pod = {"shop", "web"};
    endpoint.pod_uid = "u1";
    endpoint.netns = "/run/netns/c1";
    endpoint.ips = {IpAddress::FromV4(0x0af40005), IpAddress::FromV4(0x0af40006)};
    endpoint.ofport = OfPort{7};
    request_.verb = cni::Verb::kCheck;
    request_.ips = endpoint.ips;
  }
  ErrorCode CodeOf(const cni::Request& request) {
    const cni::Response response = HandleCheck(steps_, request);
    return response.ok() ? ErrorCode::kInternal : response.error().code();
  }

  FakeSteps steps_;
  cni::Request request_ = AddRequest();
};

TEST_F(CheckHandlerTest, AcceptsWhatIsAsRequestedWhateverTheOrderOfAddresses) {
  EXPECT_TRUE(HandleCheck(steps_, request_).ok());
  std::swap(request_.ips[0], request_.ips[1]);
  EXPECT_TRUE(HandleCheck(steps_, request_).ok());
}

TEST_F(CheckHandlerTest, DoesNotFindAnAttachmentNobodyKnows) {
  request_.container_id = "c2";
  EXPECT_EQ(CodeOf(request_), ErrorCode::kNotFound);
}

TEST_F(CheckHandlerTest, NamesWhatDiffers) {
  cni::Request request = request_;
  request.ips.pop_back();
  EXPECT_EQ(HandleCheck(steps_, request).error(),
            Refused("the address list of c1/eth0 is 10.244.0.5, 10.244.0.6, expected 10.244.0.5"));
  request = request_;
  request.pod.name = "db";
  EXPECT_EQ(CodeOf(request), ErrorCode::kRefused);
  request = request_;
  request.pod.uid = "u2";
  EXPECT_EQ(CodeOf(request), ErrorCode::kRefused);
  request = request_;
  request.netns = "/run/netns/c2";
  EXPECT_EQ(CodeOf(request), ErrorCode::kRefused);
}

TEST_F(CheckHandlerTest, DoesNotCompareAUidThatOneSideDoesNotKnow) {
  request_.pod.uid = "";
  EXPECT_TRUE(HandleCheck(steps_, request_).ok());
}

TEST_F(CheckHandlerTest, AsksForThePortAndTheLink) {
  steps_.failures = {{"CheckLink", Refused("eth0 is down")}};
  EXPECT_EQ(HandleCheck(steps_, request_).error(), Refused("eth0 is down"));
  steps_.endpoints.begin()->second.ofport.reset();
  EXPECT_EQ(CodeOf(request_), ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace sluice::cni_server
