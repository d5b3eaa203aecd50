#include "agent/status/readiness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::status {
namespace {

using reconcile::SyncState;
using testing::ElementsAre;
using testing::IsEmpty;

AgentFacts AllIsWell() {
  AgentFacts facts;
  facts.objects = {.name = "apiserver https://a:6443",
                   .synced = true,
                   .watches = {{"namespaces", "watch", true, ""}, {"pods", "watch", true, ""}}};
  facts.endpoints = {.name = "ovsdb /db.sock", .synced = true, .watches = {}};
  facts.names = {.bridge = "br-int", .gateway_port = "sluice-gw0", .ovs_rundir = "/run"};
  return facts;
}

constexpr auto kInSync = SyncState::kInSync;

TEST(ReadinessTest, NothingIsMissingWhenAllIsInSync) {
  EXPECT_THAT(MissingForPods(AllIsWell(), {kInSync, "an old error"}), IsEmpty());
}

TEST(ReadinessTest, EachResourceThatWasNotListedIsNamed) {
  AgentFacts facts = AllIsWell();
  facts.objects.synced = false;
  facts.objects.watches[1] = {"pods", "backing off", false, "pods: list refused: 403 Forbidden"};
  EXPECT_THAT(MissingForPods(facts, {SyncState::kWaitingForSources, ""}),
              ElementsAre("apiserver https://a:6443: pods: backing off: pods: list refused: 403 "
                          "Forbidden"));
  facts.objects = {.name = "manifests /m", .synced = false, .watches = {}};
  EXPECT_THAT(MissingForPods(facts, {kInSync, ""}), ElementsAre("manifests /m: not read yet"));
}

TEST(ReadinessTest, AnApiserverThatWentAwayAfterwardsIsNotMissing) {
  AgentFacts facts = AllIsWell();
  facts.objects.watches[1] = {"pods", "backing off", true, "connection refused"};
  EXPECT_THAT(MissingForPods(facts, {kInSync, ""}), IsEmpty());
}

TEST(ReadinessTest, EveryPartThatIsAwayHasALine) {
  AgentFacts facts = AllIsWell();
  facts.troubles = {.database = "not connected: no such file", .bridge = "", .gateway = "no link"};
  EXPECT_THAT(MissingForPods(facts, {SyncState::kDisconnected, "gone"}),
              ElementsAre("ovsdb /db.sock: not connected: no such file",
                          "bridge br-int: flows unknown (disconnected): gone",
                          "gateway sluice-gw0: no link"));
  facts.troubles = {.database = "", .bridge = "it has another datapath_type", .gateway = ""};
  EXPECT_THAT(MissingForPods(facts, {SyncState::kDisconnected, "gone"}),
              ElementsAre("bridge br-int: it has another datapath_type"));
}

}  // namespace
}  // namespace sluice::status
