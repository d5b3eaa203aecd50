#include "agent/startup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/api_server_fixture.h"
#include "tests/unit/agent/node_networks.h"

namespace sluice {
namespace {

using testing::HasSubstr;

class StartupTest : public fakes::ApiServerFixture {
 protected:
  StartupTest() {
    const std::string ca = Write("ca.crt", authority_.pem());
    options_.source = ObjectSource::kKubeconfig;
    options_.kubeconfig =
        Write("kubeconfig",
              "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
              "contexts: [{name: c, context: {cluster: c, user: u}}]\n"
              "users: [{name: u, user: {token: t}}]\n"
              "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:" +
                  std::to_string(server_.port()) + "', certificate-authority: " + ca + "}}]\n");
    options_.node_name = "n1";
  }

  void Start() {
    startup_.emplace(io_, options_, [this](Result<Options> complete) {
      ASSERT_FALSE(begun_) << "begins once";
      begun_ = std::move(complete);
    });
    const Status started = startup_->Start();
    ASSERT_TRUE(started.ok()) << started.error().message();
  }
  bool Begins() {
    return RunUntil([this] { return begun_.has_value(); });
  }
  void PutNode(const std::string& spec) { server_.Put("/api/v1/nodes", "n1", R"("spec":)" + spec); }

  Options options_;
  std::optional<Startup> startup_;
  std::optional<Result<Options>> begun_;
};

TEST_F(StartupTest, WhatTheCommandLineSaysNeedsNoApiserver) {
  options_.networks = {kIPv4};
  options_.kubeconfig = "/nonexistent";
  Start();
  ASSERT_TRUE(begun_.has_value());
  EXPECT_EQ(begun_->value().networks, std::vector{kIPv4});
  EXPECT_EQ(startup_->missing(), "");
}

TEST_F(StartupTest, NetworksComeFromTheNode) {
  PutNode(R"({"podCIDRs":["10.244.0.0/24","fd00:10:244::/64"]})");
  Start();
  ASSERT_TRUE(Begins());
  ASSERT_TRUE(begun_->ok()) << begun_->error().message();
  EXPECT_EQ(begun_->value().networks, (std::vector{kIPv4, kIPv6}));
  EXPECT_EQ(startup_->missing(), "");
}

TEST_F(StartupTest, NothingBeginsBeforeTheNodeHasNetworksAndWhyIsSaid) {
  PutNode("{}");
  Start();
  EXPECT_TRUE(RunUntil([&] { return startup_->missing() == "Node n1: has no spec.podCIDRs yet"; }));
  EXPECT_FALSE(begun_.has_value());
  PutNode(R"({"podCIDR":"10.244.0.0/24"})");
  ASSERT_TRUE(Begins());
  EXPECT_TRUE(begun_->ok());
}

TEST_F(StartupTest, NetworksThatCannotBeUsedAreAnErrorThatNamesTheNode) {
  PutNode(R"({"podCIDR":"10.244.0.4/31"})");
  Start();
  ASSERT_TRUE(Begins());
  ASSERT_FALSE(begun_->ok());
  EXPECT_THAT(begun_->error().message(), HasSubstr("Node n1: podCIDR 10.244.0.4/31"));
}

TEST_F(StartupTest, AnIPv6NetworkNeedsIPv6sLeastMtuHereToo) {
  options_.mtu = 1000;
  PutNode(R"({"podCIDR":"fd00:10:244::/64"})");
  Start();
  ASSERT_TRUE(Begins());
  ASSERT_FALSE(begun_->ok());
  EXPECT_THAT(begun_->error().message(), HasSubstr("--mtu"));
}

TEST_F(StartupTest, AKubeconfigThatCannotBeReadIsAnErrorAtOnce) {
  options_.kubeconfig = "/nonexistent/kubeconfig";
  Startup startup(io_, options_, [](const Result<Options>&) { ADD_FAILURE(); });
  const Status started = startup.Start();
  ASSERT_FALSE(started.ok());
  EXPECT_THAT(started.error().message(), HasSubstr("/nonexistent/kubeconfig"));
}

}  // namespace
}  // namespace sluice
