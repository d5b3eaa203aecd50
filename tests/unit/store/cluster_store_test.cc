#include "agent/store/cluster_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "tests/fakes/builders.h"

namespace sluice::store {
namespace {

using fakes::EndpointOf;
using fakes::Gone;
using fakes::Ip;
using fakes::NamespaceOf;
using fakes::PodBuilder;
using fakes::Present;

const ObjectKey kWeb{"shop", "web"};

Pod Web() { return PodBuilder("shop", "web").Uid("u1").Labels({{"app", "web"}}).Ip("10.0.0.5"); }

Gate GateOf(const ClusterStore& store, const Endpoint& endpoint) {
  return store.FindEndpoint(endpoint.id)->gate;
}

TEST(ClusterStoreTest, GateIsClosedUntilThePodObjectIsKnown) {
  ClusterStore store;
  const Endpoint endpoint = EndpointOf(Web(), {7});
  store.PutEndpoint(endpoint);
  EXPECT_EQ(GateOf(store, endpoint), Gate::kClosed);
  const StoreDelta delta = store.Apply(Present(Web()));
  EXPECT_EQ(GateOf(store, endpoint), Gate::kOpen);
  EXPECT_EQ(delta.endpoints, std::vector{endpoint.id});
  store.Apply(Gone(Web()));
  EXPECT_EQ(GateOf(store, endpoint), Gate::kClosed);
}

TEST(ClusterStoreTest, FinishedPodsLoseGateAndAddress) {
  for (const PodPhase phase : {PodPhase::kSucceeded, PodPhase::kFailed}) {
    ClusterStore store;
    const Endpoint endpoint = EndpointOf(Web(), {7});
    store.Apply(Present(Web()));
    store.PutEndpoint(endpoint);
    Pod done = Web();
    done.phase = phase;
    store.Apply(Present(done));
    EXPECT_EQ(GateOf(store, endpoint), Gate::kClosed);
    EXPECT_EQ(store.FindPod(kWeb), nullptr);
    EXPECT_TRUE(store.FindPodObject(kWeb).has_value());
  }
}

TEST(ClusterStoreTest, HostNetworkPodsAreNotOnThePodNetwork) {
  ClusterStore store;
  store.Apply(Present(PodBuilder("kube-system", "proxy").Ip("192.168.0.1").OnHostNetwork()));
  EXPECT_EQ(store.pod_count(), 0u);
}

TEST(ClusterStoreTest, AnEndpointOfAnEarlierPodOfThatNameStaysClosed) {
  ClusterStore store;
  const Endpoint old = EndpointOf(PodBuilder("shop", "web").Uid("u0").Ip("10.0.0.4"), {6});
  store.PutEndpoint(old);
  store.Apply(Present(Web()));
  EXPECT_EQ(GateOf(store, old), Gate::kClosed);
  EXPECT_EQ(store.FindPod(kWeb)->locality, Locality::kRemote);
  EXPECT_EQ(store.FindPod(kWeb)->ips, std::vector{Ip("10.0.0.5")});
}

TEST(ClusterStoreTest, WithoutUidsNamesDecide) {
  ClusterStore store;
  const Endpoint endpoint = EndpointOf(PodBuilder("shop", "web").Ip("10.0.0.5"), {7});
  store.PutEndpoint(endpoint);
  store.Apply(Present(Web()));
  EXPECT_EQ(GateOf(store, endpoint), Gate::kOpen);
}

TEST(ClusterStoreTest, TheEndpointsAddressWinsOverTheStatus) {
  ClusterStore store;
  store.Apply(Present(PodBuilder("shop", "web").Uid("u1").Ip("10.0.0.99")));
  store.PutEndpoint(EndpointOf(Web(), {7}));
  EXPECT_EQ(store.FindPod(kWeb)->ips, std::vector{Ip("10.0.0.5")});
  EXPECT_EQ(store.FindPod(kWeb)->locality, Locality::kLocal);
  store.RemoveEndpoint(EndpointOf(Web(), {7}).id);
  EXPECT_EQ(store.FindPod(kWeb)->ips, std::vector{Ip("10.0.0.99")});
  EXPECT_EQ(store.FindPod(kWeb)->locality, Locality::kRemote);
}

TEST(ClusterStoreTest, APodWithoutAnAddressIsNobodyYet) {
  ClusterStore store;
  EXPECT_TRUE(store.Apply(Present(PodBuilder("shop", "web"))).pods.empty());
  EXPECT_EQ(store.FindPod(kWeb), nullptr);
}

TEST(ClusterStoreTest, WhatWasKnownChangesNothing) {
  ClusterStore store;
  store.Apply(Present(Web()));
  store.Apply(Present(NamespaceOf("shop")));
  store.PutEndpoint(EndpointOf(Web(), {7}));
  EXPECT_TRUE(store.Apply(Present(Web())).empty());
  EXPECT_TRUE(store.Apply(Present(NamespaceOf("shop"))).empty());
  EXPECT_TRUE(store.PutEndpoint(EndpointOf(Web(), {7})).empty());
  EXPECT_TRUE(store.Apply(Gone(PodBuilder("shop", "nobody"))).empty());
  EXPECT_TRUE(store.RemoveEndpoint({"unknown", "eth0"}).empty());
}

TEST(ClusterStoreTest, ChangesTellBeforeAndAfter) {
  ClusterStore store;
  store.Apply(Present(Web()));
  const StoreDelta delta = store.Apply(
      Present(PodBuilder("shop", "web").Uid("u1").Labels({{"app", "api"}}).Ip("10.0.0.5")));
  ASSERT_EQ(delta.pods.size(), 1u);
  EXPECT_EQ(delta.pods[0].before->labels->at("app"), "web");
  EXPECT_EQ(delta.pods[0].after->labels->at("app"), "api");
}

TEST(ClusterStoreTest, TheIndexFollowsThePods) {
  ClusterStore store;
  const auto with = [&store](const std::string& value) {
    size_t count = 0;
    store.ForEachPodGroup({.label = HashOf("app", value)},
                          [&count](const PodGroup& group) { count += group.pods.size(); });
    return count;
  };
  store.Apply(Present(Web()));
  EXPECT_EQ(with("web"), 1u);
  EXPECT_EQ(store.PodsAt(Ip("10.0.0.5")).size(), 1u);
  store.Apply(Present(PodBuilder("shop", "web").Uid("u1").Labels({{"app", "api"}}).Ip("10.0.0.6")));
  EXPECT_EQ(with("web"), 0u);
  EXPECT_EQ(with("api"), 1u);
  EXPECT_EQ(store.PodsAt(Ip("10.0.0.5")).size(), 0u);
  EXPECT_EQ(store.PodsAt(Ip("10.0.0.6")).size(), 1u);
  store.Apply(Gone(Web()));
  EXPECT_EQ(with("api"), 0u);
  EXPECT_EQ(store.PodsAt(Ip("10.0.0.6")).size(), 0u);
}

TEST(ClusterStoreTest, PodsThatNoSelectorTellsApartAreOneGroup) {
  ClusterStore store;
  const auto groups_in = [&store](const PodScope& scope) {
    std::vector<size_t> sizes;
    store.ForEachPodGroup(scope,
                          [&](const PodGroup& group) { sizes.push_back(group.pods.size()); });
    std::sort(sizes.begin(), sizes.end());
    return sizes;
  };
  using Sizes = std::vector<size_t>;
  const auto pod = [](const std::string& ns, const std::string& name, const std::string& app) {
    return Present(PodBuilder(ns, name).Labels({{"app", app}, {"tier", "x"}}).Ip("10.0.0.5"));
  };
  for (const auto& event : {pod("shop", "a", "web"), pod("shop", "b", "web"),
                            pod("shop", "c", "api"), pod("other", "d", "web")}) {
    store.Apply(event);
  }
  store.Apply(Present(NamespaceOf("shop", {{"team", "blue"}})));
  const uint64_t web = HashOf("app", "web");
  const uint64_t shop = HashOf("shop");
  const uint64_t blue = HashOf("team", "blue");
  using Where = PodScope::Where;
  EXPECT_EQ(groups_in({}), (Sizes{1, 1, 2}));
  EXPECT_EQ(groups_in({.label = web}), (Sizes{1, 2}));
  EXPECT_EQ(groups_in({Where::kNamespace, shop, std::nullopt}), (Sizes{1, 2}));
  EXPECT_EQ(groups_in({Where::kNamespace, shop, web}), (Sizes{2}));
  EXPECT_EQ(groups_in({Where::kLabelledNamespaces, blue, web}), (Sizes{2}));
  EXPECT_EQ(groups_in({Where::kLabelledNamespaces, HashOf("team", "red"), web}), Sizes{});
  store.Apply(Present(NamespaceOf("shop")));
  EXPECT_EQ(groups_in({Where::kLabelledNamespaces, blue, web}), Sizes{});
}

TEST(ClusterStoreTest, AnAttachmentThatMovesToAnotherPodLeavesTheFirst) {
  ClusterStore store;
  const Pod api = PodBuilder("shop", "api").Uid("u2").Ip("10.0.0.6");
  store.Apply(Present(Web()));
  store.Apply(Present(api));
  Endpoint endpoint = EndpointOf(Web(), {7});
  store.PutEndpoint(endpoint);
  endpoint.pod = api.key;
  endpoint.pod_uid = api.uid;
  store.PutEndpoint(endpoint);
  EXPECT_EQ(store.FindPod(kWeb)->locality, Locality::kRemote);
  EXPECT_EQ(store.FindPod(api.key)->locality, Locality::kLocal);
}

TEST(ClusterStoreTest, AnObjectIsFoundAsItCame) {
  ClusterStore store;
  const Pod web = Web();
  store.Apply(Present(web));
  EXPECT_EQ(store.FindPodObject(kWeb), web);
  EXPECT_EQ(store.FindPodObject({"shop", "nobody"}), std::nullopt);
}

struct EndState {
  std::vector<PodState> pods;
  std::vector<EndpointState> endpoints;
  friend bool operator==(const EndState&, const EndState&) = default;
};

EndState EndOf(const ClusterStore& store) {
  EndState end;
  store.ForEachPod([&](const PodState& pod) { end.pods.push_back(pod); });
  std::ranges::sort(end.pods, {}, &PodState::key);
  for (const auto& [id, endpoint] : store.endpoints()) end.endpoints.push_back(endpoint);
  return end;
}

// Two pods, one re-created under its name while the old one's endpoint is still there: whatever
// arrives first, the end is one.
TEST(ClusterStoreTest, TheEndDoesNotDependOnTheOrder) {
  const Pod reborn = PodBuilder("shop", "web").Uid("u2").Labels({{"app", "web"}}).Ip("10.0.0.8");
  const Pod api = PodBuilder("shop", "api").Uid("u3").Ip("10.0.0.9");
  Endpoint late = EndpointOf(reborn, {8});
  late.id.container_id = "second";
  const std::vector<std::function<void(ClusterStore&)>> steps = {
      [&](ClusterStore& store) { store.Apply(Present(reborn)); },
      [&](ClusterStore& store) { store.PutEndpoint(EndpointOf(Web(), {7})); },
      [&](ClusterStore& store) { store.PutEndpoint(late); },
      [&](ClusterStore& store) { store.Apply(Present(api)); },
      [&](ClusterStore& store) {
        store.PutEndpoint(EndpointOf(api, {9}));
        store.RemoveEndpoint(EndpointOf(api, {9}).id);
      },
  };
  std::vector<size_t> order = {0, 1, 2, 3, 4};
  ClusterStore straight;
  for (const size_t step : order) steps[step](straight);
  const EndState expected = EndOf(straight);
  ASSERT_EQ(expected.pods.size(), 2u);
  while (std::next_permutation(order.begin(), order.end())) {
    ClusterStore store;
    for (const size_t step : order) steps[step](store);
    EXPECT_EQ(EndOf(store), expected) << testing::PrintToString(order);
  }
}

TEST(ClusterStoreTest, KnowsWhatItHasBeenToldAndNothingElse) {
  ClusterStore store;
  const NetworkPolicy policy = fakes::PolicyBuilder("shop", "p").IsolatesIngress();
  const NetworkPolicy other = fakes::PolicyBuilder("shop", "p").IsolatesEgress();
  Pod moved = Web();
  moved.ips.push_back(Ip("fd00::5"));
  struct Case {
    Object object, changed;
  };
  for (const auto& [object, changed] :
       {Case{NamespaceOf("shop"), NamespaceOf("shop", {{"a", "b"}})}, Case{Web(), moved},
        Case{policy, other}}) {
    EXPECT_FALSE(store.Knows(Present(object)));
    EXPECT_TRUE(store.Knows(Gone(object)));
    store.Apply(Present(object));
    EXPECT_TRUE(store.Knows(Present(object)));
    EXPECT_FALSE(store.Knows(Present(changed)));
    EXPECT_FALSE(store.Knows(Gone(object)));
    store.Apply(Gone(object));
    EXPECT_TRUE(store.Knows(Gone(object)));
  }
}

}  // namespace
}  // namespace sluice::store
