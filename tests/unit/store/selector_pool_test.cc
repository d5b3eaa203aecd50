#include "agent/store/selector_pool.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/fakes/builders.h"

namespace sluice::store {
namespace {

using fakes::Is;
using fakes::PolicyBuilder;
using fakes::RuleBuilder;

NetworkPolicy Policy(const std::string& ns, const std::string& app) {
  return PolicyBuilder(ns, "p")
      .Selects({Is("app", app)})
      .Ingress(RuleBuilder().PodsIn({Is("team", app)}, {Is("app", app)}));
}

TEST(SelectorPoolTest, EqualSelectorsOfDifferentPoliciesAreOneAndSayWhatTheySaid) {
  SelectorPool pool;
  NetworkPolicy one = Policy("a", "web");
  NetworkPolicy other = Policy("b", "web");
  const NetworkPolicy meant = other;
  pool.Share(one);
  pool.Share(other);
  EXPECT_EQ(other, meant);
  const Peer& peer = other.ingress->front().peers.front();
  EXPECT_EQ(&other.pod_selector.requirements(), &one.pod_selector.requirements());
  EXPECT_EQ(&peer.pod_selector->requirements(), &one.pod_selector.requirements());
  EXPECT_EQ(pool.size(), 2u);  // one by app, one by team
}

// Invariant: the pool keeps nothing for long that nobody else holds.
TEST(SelectorPoolTest, ForgetsSelectorsThatNobodyHoldsAnyMore) {
  SelectorPool pool;
  NetworkPolicy kept = Policy("a", "kept");
  pool.Share(kept);
  for (int i = 0; i < 10'000; ++i) {
    NetworkPolicy gone = Policy("a", "app-" + std::to_string(i));
    pool.Share(gone);
  }
  EXPECT_LE(pool.size(), 128u);
  NetworkPolicy again = Policy("b", "kept");
  pool.Share(again);
  EXPECT_EQ(&again.pod_selector.requirements(), &kept.pod_selector.requirements());
}

}  // namespace
}  // namespace sluice::store
