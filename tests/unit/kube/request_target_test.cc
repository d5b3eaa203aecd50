#include "agent/kube/request_target.h"

#include <gtest/gtest.h>

namespace sluice::kube {
namespace {

TEST(RequestTargetTest, ListsComeInPagesOrWhole) {
  EXPECT_EQ(ListTarget(Resource::kPods, {.limit = 500, .continuation = ""}),
            "/api/v1/pods?limit=500");
  EXPECT_EQ(ListTarget(Resource::kNamespaces, {.limit = 2, .continuation = "a+/b=&c"}),
            "/api/v1/namespaces?limit=2&continue=a%2B%2Fb%3D%26c");
  EXPECT_EQ(ListTarget(Resource::kNetworkPolicies, {}),
            "/apis/networking.k8s.io/v1/networkpolicies");
}

TEST(RequestTargetTest, OneObjectIsNamedInThePath) {
  EXPECT_EQ(ObjectTarget(Resource::kNodes, "node-1.example"), "/api/v1/nodes/node-1.example");
}

TEST(RequestTargetTest, WatchesAskForBookmarks) {
  EXPECT_EQ(WatchTarget(Resource::kPods, {.resource_version = "17", .timeout_s = 300}),
            "/api/v1/pods?watch=true&allowWatchBookmarks=true&timeoutSeconds=300"
            "&resourceVersion=17");
  EXPECT_EQ(StreamingListTarget(Resource::kPods, 300),
            "/api/v1/pods?watch=true&allowWatchBookmarks=true&timeoutSeconds=300"
            "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan");
}

}  // namespace
}  // namespace sluice::kube
