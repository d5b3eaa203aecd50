// The numbers of a small node, as a scrape has them. tests/integration/agent checks the format.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/metrics/metrics.h"
#include "agent/metrics/timed_bridge.h"
#include "tests/fakes/node_fixture.h"

namespace sluice::metrics {
namespace {

using fakes::PodBuilder;
using testing::HasSubstr;
using testing::Not;

class ExpositionTest : public fakes::NodeFixture {
 protected:
  ExpositionTest() { bridge_.Listen(reconciler_); }

  bool Has(const std::string& line) const {
    const std::string text = Exposition({desired_, reconciler_, &purge_, facts_, latencies_});
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
  }

  Latencies latencies_;
  TimedBridge timed_{bridge_, latencies_};
  reconcile::FlowReconciler reconciler_{timed_, desired_, OnLoop()};
  reconcile::MegaflowPurge purge_{
      [this](reconcile::MegaflowPurge::Done done) { purged_ = std::move(done); }, OnLoop()};
  reconcile::MegaflowPurge::Done purged_;
  status::AgentFacts facts_;
};

TEST_F(ExpositionTest, CountsWhatIsKnownAndWhatIsAttached) {
  HaveShop();
  desired_.PutEndpoint(fakes::EndpointOf(PodBuilder("shop", "ghost").Ip("10.244.0.9"), OfPort{3}));

  EXPECT_TRUE(Has("sluice_endpoints{gate=\"open\"} 2"));
  EXPECT_TRUE(Has("sluice_endpoints{gate=\"closed\"} 1"));
  EXPECT_TRUE(Has("sluice_namespaces 1"));
  EXPECT_TRUE(Has("sluice_policies 1"));
  EXPECT_TRUE(Has("sluice_rules{direction=\"ingress\"} 1"));
  EXPECT_TRUE(Has("sluice_flows_desired " + std::to_string(desired_.flows().size())));
}

TEST_F(ExpositionTest, WhatTheSwitchHoldsIsWhatItAcknowledged) {
  EXPECT_TRUE(Has("sluice_flows_installed 0"));
  EXPECT_TRUE(Has("sluice_switch_sync_state{state=\"disconnected\"} 1"));
  EXPECT_TRUE(Has("sluice_commit_duration_seconds_count 0"));

  reconciler_.OnSourcesSynced();
  bridge_.Connect();
  loop_.RunDue();

  const std::string flows = std::to_string(desired_.flows().size());
  EXPECT_TRUE(Has("sluice_flows_installed " + flows));
  EXPECT_TRUE(Has("sluice_flow_mods_total " + flows));
  EXPECT_TRUE(Has("sluice_commits_total{result=\"ok\"} 1"));
  EXPECT_TRUE(Has("sluice_commit_duration_seconds_count 1"));
  EXPECT_TRUE(Has("sluice_switch_sync_state{state=\"in-sync\"} 1"));
  EXPECT_TRUE(Has("sluice_switch_sync_state{state=\"disconnected\"} 0"));
}

TEST_F(ExpositionTest, APurgeIsOwedUntilItIsDone) {
  EXPECT_TRUE(Has("sluice_megaflow_purge_owed 0"));
  purge_.Owe();
  EXPECT_TRUE(Has("sluice_megaflow_purge_owed 1"));
  EXPECT_TRUE(Has("sluice_megaflow_purges_total{result=\"ok\"} 0"));
  purged_(Unavailable("no switch"));
  EXPECT_TRUE(Has("sluice_megaflow_purge_owed 1"));
  EXPECT_TRUE(Has("sluice_megaflow_purges_total{result=\"failed\"} 1"));
  loop_.Advance(60'000);
  purged_(reconcile::MegaflowPurge::Duration(7));
  EXPECT_TRUE(Has("sluice_megaflow_purge_owed 0"));
  EXPECT_TRUE(Has("sluice_megaflow_purges_total{result=\"ok\"} 1"));
}

TEST_F(ExpositionTest, CniRequestsAreCountedByVerbAndResult) {
  latencies_.Answered({.verb = "ADD", .result = "ok", .took = Seconds(0.02)});
  latencies_.Answered({.verb = "ADD", .result = "timeout", .took = Seconds(20)});
  const std::string add = "sluice_cni_request_duration_seconds_bucket{verb=\"ADD\",result=";
  const std::string other = "sluice_cni_request_duration_seconds_bucket{result=";
  EXPECT_TRUE(Has(add + "\"ok\",le=\"0.01\"} 0") ||
              Has(other + "\"ok\",verb=\"ADD\",le=\"0.01\"} 0"));
  EXPECT_TRUE(Has(other + "\"ok\",verb=\"ADD\",le=\"0.025\"} 1"));
  EXPECT_TRUE(Has(other + "\"timeout\",verb=\"ADD\",le=\"10\"} 0"));
  EXPECT_TRUE(Has(other + "\"timeout\",verb=\"ADD\",le=\"30\"} 1"));
}

TEST_F(ExpositionTest, AnApiserverIsConnectedWhileNoWatchIsInTrouble) {
  EXPECT_THAT(Exposition({desired_, reconciler_, &purge_, facts_, latencies_}),
              Not(HasSubstr("\nsluice_apiserver_connected ")));
  facts_.objects.watches = {
      {.resource = "pods", .state = "watch", .synced = true, .trouble = ""},
      {.resource = "namespaces", .state = "watch", .synced = true, .trouble = ""}};
  facts_.complaint_counts = {{"NetworkPolicy", 2}};
  EXPECT_TRUE(Has("sluice_apiserver_connected 1"));
  EXPECT_TRUE(Has("sluice_watch_state{resource=\"pods\",state=\"watch\"} 1"));
  EXPECT_TRUE(Has("sluice_complaints{kind=\"NetworkPolicy\"} 2"));

  facts_.objects.watches[1].trouble = "refused";
  facts_.objects.watches[1].state = "backing off";
  EXPECT_TRUE(Has("sluice_apiserver_connected 0"));
  EXPECT_TRUE(Has("sluice_watch_state{resource=\"namespaces\",state=\"backing off\"} 1"));
}

}  // namespace
}  // namespace sluice::metrics
