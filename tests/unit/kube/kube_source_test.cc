// The edge against a fake apiserver over real TLS: lists and what changes. What the reflector
// decides is tested beside it.
#include "agent/kube/kube_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/kube/kube_source_fixture.h"

namespace sluice::kube {
namespace {

using std::chrono::milliseconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

using KubeSourceTest = KubeSourceFixture;

TEST_F(KubeSourceTest, TheFirstBatchIsEverything) {
  server_.Put(kNamespaces, "shop", R"("x":1)");
  server_.Put(kPods, "web", kPod);
  server_.Put(kPolicies, "deny", R"("spec":{"podSelector":{}})");
  Sync();
  EXPECT_THAT(batches_, ElementsAre(UnorderedElementsAre("+shop", "+web", "+deny")));
  EXPECT_THAT(complaints_, IsEmpty());
}

TEST_F(KubeSourceTest, NothingIsToldBeforeAllIsKnown) {
  server_.Put(kPods, "web", kPod);
  server_.faults().silent_path = kPolicies;
  Start();
  EXPECT_TRUE(RunUntil([&] { return server_.open_watches() == 2; }));
  EXPECT_TRUE(RunUntil([&] { return server_.requests().size() >= 3; }));
  server_.Put(kPods, "web2", kPod);
  server_.SendBookmarks();
  EXPECT_THAT(batches_, IsEmpty());

  server_.faults().silent_path = "";
  server_.DropConnections();
  EXPECT_TRUE(RunUntil([&] { return objects_.contains("web2"); }));
  EXPECT_THAT(batches_.front(), Contains("+web"));
}

TEST_F(KubeSourceTest, NodesComeApartAndNothingWaitsForThem) {
  spec_.nodes = KubeSource::Nodes::kFollowed;
  server_.Put(kPods, "web", kPod);
  server_.Put(kNodes, "n1", R"("spec":{"podCIDRs":["10.244.1.0/24"]})");
  server_.faults().silent_path = kNodes;
  Start();
  ASSERT_TRUE(RunUntil([&] { return !batches_.empty(); }));
  EXPECT_THAT(batches_, ElementsAre(ElementsAre("+web")));
  EXPECT_THAT(node_batches_, IsEmpty());
}

TEST_F(KubeSourceTest, NodesWaitForNothing) {
  spec_.nodes = KubeSource::Nodes::kFollowed;
  server_.Put(kNodes, "n1", R"("spec":{"podCIDRs":["10.244.1.0/24"]})");
  server_.Put(kNodes, "n2", R"("spec":{})");
  server_.faults().silent_path = kPolicies;
  Start();
  ASSERT_TRUE(RunUntil([&] { return !node_batches_.empty(); }));
  EXPECT_THAT(node_batches_, ElementsAre(UnorderedElementsAre("+n1", "+n2")));
  server_.Delete(kNodes, "n2");
  ASSERT_TRUE(RunUntil([&] { return node_batches_.size() == 2; }));
  EXPECT_THAT(node_batches_.back(), ElementsAre("-n2"));
  EXPECT_THAT(batches_, IsEmpty());
}

TEST_F(KubeSourceTest, ANodeThatMakesNoSenseIsNamedAndKeepsItsLastGoodVersion) {
  spec_.nodes = KubeSource::Nodes::kFollowed;
  server_.Put(kNodes, "n1", R"("spec":{"podCIDRs":["10.244.1.0/24"]})");
  Start();
  ASSERT_TRUE(RunUntil([&] { return node_batches_.size() == 1; }));
  server_.Put(kNodes, "n1", R"("spec":{"podCIDRs":["10.244.1.0"]})");
  EXPECT_TRUE(Complains("Node n1: spec.podCIDRs[0]: "));
  EXPECT_EQ(node_batches_.size(), 1U);
}

TEST_F(KubeSourceTest, AnEmptyClusterIsInSyncToo) {
  Sync();
  EXPECT_THAT(batches_, ElementsAre(IsEmpty()));
}

TEST_F(KubeSourceTest, ChangesAreToldAsTheyCome) {
  Sync();
  server_.Put(kPods, "web", kPod);
  server_.Put(kPolicies, "deny", R"("spec":{"podSelector":{}})");
  EXPECT_TRUE(RunUntil([&] { return objects_.size() == 2; }));
  server_.Delete(kPods, "web");
  EXPECT_TRUE(RunUntil([&] { return objects_.size() == 1; }));
  EXPECT_EQ(Lists(), 3U);
  EXPECT_THAT(all_complaints_, IsEmpty());
}

TEST_F(KubeSourceTest, PiecesOfAnySizeMakeTheSame) {
  server_.faults().piece = 1;
  server_.Put(kPods, "web", kPod);
  Sync();
  server_.Delete(kPods, "web");
  EXPECT_TRUE(RunUntil([&] { return objects_.empty(); }));
}

TEST_F(KubeSourceTest, AServerWithoutStreamingListsIsListedInPages) {
  server_.faults().streaming_lists = false;
  spec_.page_size = 2;
  for (const char* name : {"a", "b", "c", "d", "e"}) server_.Put(kPods, name, kPod);
  Sync();
  EXPECT_THAT(batches_, ElementsAre(UnorderedElementsAre("+a", "+b", "+c", "+d", "+e")));
  EXPECT_EQ(server_.connections_taken(), 3U);  // pages and watch share one
  EXPECT_THAT(all_complaints_, IsEmpty());
}

TEST_F(KubeSourceTest, AServerThatPassesOverSendInitialEventsIsFoundOut) {
  server_.faults().ignores_initial_events = true;
  spec_.patience.watch.body = milliseconds(50);
  server_.Put(kPods, "web", kPod);
  Start();
  EXPECT_TRUE(RunUntil([&] { return objects_.contains("web"); }));
}

TEST_F(KubeSourceTest, AnObjectThatMakesNoSenseHarmsItselfAlone) {
  server_.Put(kPods, "good", kPod);
  server_.Put(kPods, "bad", R"("status":7)");
  Sync();
  EXPECT_THAT(objects_, ElementsAre("good"));
  EXPECT_THAT(complaints_, ElementsAre(HasSubstr("Pod shop/bad: status: ")));
  server_.Put(kPods, "good", R"("status":8)");
  EXPECT_TRUE(Complains("Pod shop/good: status: "));
  EXPECT_THAT(objects_, ElementsAre("good"));
  server_.Put(kPods, "bad", kPod);
  server_.Delete(kPods, "good");
  EXPECT_TRUE(RunUntil([&] { return complaints_.empty(); }));
  EXPECT_THAT(objects_, ElementsAre("bad"));
}

TEST_F(KubeSourceTest, APolicyWrittenPastValidationIsInForceAndNamed) {
  server_.Put(kPolicies, "odd", R"("spec":{"podSelector":{},"ingress":[{"from":[{"x":{}}]}]})");
  Sync();
  EXPECT_THAT(objects_, ElementsAre("odd"));
  EXPECT_THAT(complaints_,
              ElementsAre(HasSubstr("NetworkPolicy shop/odd: spec.ingress[0].from[0].x: ")));
}

TEST_F(KubeSourceTest, DestroyingItSilencesIt) {
  Sync();
  server_.Put(kPods, "web", kPod);
  source_.reset();
  EXPECT_TRUE(RunUntil([&] {
    server_.SendBookmarks();  // only writing shows a server that its client is gone
    return server_.open_watches() == 0;
  }));
  EXPECT_EQ(batches_.size(), 1U);
}

}  // namespace
}  // namespace sluice::kube
