#include "agent/kube/in_cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::kube {
namespace {

TEST(InClusterTest, ServerFromTheEnvironmentSecretsFromTheMount) {
  const auto access = InClusterAccess({.host = "10.96.0.1", .port = "443"});

  ASSERT_TRUE(access.ok());
  EXPECT_EQ(access->server, (ServerUrl{"10.96.0.1", 443, ""}));
  EXPECT_EQ(access->server_name(), "10.96.0.1");
  EXPECT_EQ(access->ca, Secret(FilePath{"/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"}));
  EXPECT_EQ(access->token, Secret(FilePath{"/var/run/secrets/kubernetes.io/serviceaccount/token"}));
  EXPECT_FALSE(access->client_certificate);
}

TEST(InClusterTest, AnIpv6ServiceIsUnderstood) {
  const auto access = InClusterAccess({.host = "fd00:10:96::1", .port = "443"});

  ASSERT_TRUE(access.ok());
  EXPECT_EQ(access->server.ToString(), "https://[fd00:10:96::1]:443");
}

TEST(InClusterTest, OutsideAPodTheVariableIsNamed) {
  EXPECT_THAT(InClusterAccess({}).error().message(),
              testing::StartsWith("KUBERNETES_SERVICE_HOST: "));
  EXPECT_THAT(InClusterAccess({.host = "10.96.0.1", .port = ""}).error().message(),
              testing::StartsWith("KUBERNETES_SERVICE_PORT: "));
  EXPECT_THAT(InClusterAccess({.host = "10.96.0.1", .port = "x"}).error().message(),
              testing::HasSubstr("KUBERNETES_SERVICE_PORT: "));
}

}  // namespace
}  // namespace sluice::kube
