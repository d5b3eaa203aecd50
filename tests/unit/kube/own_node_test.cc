#include "agent/kube/own_node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/api_server_fixture.h"

namespace sluice::kube {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

const std::string kNodes = "/api/v1/nodes";

class OwnNodeTest : public fakes::ApiServerFixture {
 protected:
  OwnNodeTest() {
    spec_.access = Access();
    spec_.name = "n1";
    spec_.backoff = {.first = milliseconds(2), .max = milliseconds(20)};
  }
  ~OwnNodeTest() override {
    if (own_node_) own_node_->Stop();
  }

  void Start() {
    own_node_ = std::make_shared<OwnNode>(
        io_, spec_, [this](store::Node node) { found_.push_back(std::move(node)); });
    const Status started = own_node_->Start();
    ASSERT_TRUE(started.ok()) << started.error().message();
  }
  bool Misses(const std::string& text) {
    return RunUntil([&] { return own_node_->missing().find(text) != std::string::npos; });
  }

  OwnNode::Spec spec_;
  std::shared_ptr<OwnNode> own_node_;
  std::vector<store::Node> found_;
};

TEST_F(OwnNodeTest, IsFoundAtOnceWhereItHasNetworks) {
  server_.Put(kNodes, "n1", R"("spec":{"podCIDRs":["10.244.1.0/24","fd00:10:244:1::/64"]})");
  Start();
  ASSERT_TRUE(RunUntil([&] { return !found_.empty(); }));
  EXPECT_EQ(found_.front().name, "n1");
  EXPECT_EQ(found_.front().pod_cidrs,
            (std::vector{*ParseCidr("10.244.1.0/24"), *ParseCidr("fd00:10:244:1::/64")}));
  EXPECT_EQ(own_node_->missing(), "");
}

TEST_F(OwnNodeTest, SaysWhatIsMissingUntilItIsThere) {
  server_.Away();
  Start();
  EXPECT_TRUE(Misses("Connection refused"));
  server_.Back();
  EXPECT_TRUE(Misses("Node n1: 404 NotFound"));
  server_.Put(kNodes, "n1", R"("spec":{"podCIDRs":["10.244.1.0"]})");
  EXPECT_TRUE(Misses("Node n1: spec.podCIDRs[0]: "));
  server_.Put(kNodes, "n1", R"("spec":{})");
  EXPECT_TRUE(Misses("Node n1: has no spec.podCIDRs yet"));
  EXPECT_TRUE(found_.empty());
  server_.Put(kNodes, "n1", R"("spec":{"podCIDR":"10.244.1.0/24"})");
  ASSERT_TRUE(RunUntil([&] { return !found_.empty(); }));
  EXPECT_EQ(own_node_->missing(), "");
}

TEST_F(OwnNodeTest, AnAnswerThatIsThereIsNotTooLateBecauseTheMachineStoodStill) {
  spec_.patience.answer = milliseconds(20);
  server_.faults().answer = {
      200, R"({"metadata":{"name":"n1"},"spec":{"podCIDR":"10.244.1.0/24"}})", ""};
  server_.faults().standstill = milliseconds(60);
  Start();
  ASSERT_TRUE(RunUntil([&] { return !found_.empty(); }));
  EXPECT_EQ(server_.requests().size(), 1U);
}

TEST_F(OwnNodeTest, ARefusalThatNeverEndsIsCutOff) {
  server_.faults().answer = {503, std::string(1 << 20, 'x'), ""};
  Start();
  EXPECT_TRUE(Misses("Node n1: 503"));
  EXPECT_LT(own_node_->missing().size(), 1000U);
  server_.faults().answer.reset();
  server_.Put(kNodes, "n1", R"("spec":{"podCIDR":"10.244.1.0/24"})");
  EXPECT_TRUE(RunUntil([&] { return !found_.empty(); }));
}

TEST_F(OwnNodeTest, AsksForNoContentCoding) {
  server_.Put(kNodes, "n1", R"("spec":{"podCIDR":"10.244.1.0/24"})");
  Start();
  ASSERT_TRUE(RunUntil([&] { return !found_.empty(); }));
  EXPECT_EQ(server_.requests().front().accept_encoding, "identity");
}

TEST_F(OwnNodeTest, IsFoundOnce) {
  server_.Put(kNodes, "n1", R"("spec":{"podCIDR":"10.244.1.0/24"})");
  Start();
  ASSERT_TRUE(RunUntil([&] { return !found_.empty(); }));
  io_.restart();
  io_.poll();
  EXPECT_EQ(found_.size(), 1U);
  EXPECT_EQ(server_.requests().size(), 1U);
}

TEST_F(OwnNodeTest, CredentialsThatCannotBeReadAreAnErrorAtOnce) {
  spec_.access.token = FilePath{"/nonexistent/token"};
  own_node_ = std::make_shared<OwnNode>(io_, spec_, [](const store::Node&) {});
  const Status started = own_node_->Start();
  ASSERT_FALSE(started.ok());
  EXPECT_THAT(started.error().message(), HasSubstr("/nonexistent/token"));
}

}  // namespace
}  // namespace sluice::kube
