#include "agent/reconcile/sync_state.h"

#include <gtest/gtest.h>

#include <set>
#include <tuple>

namespace sluice::reconcile {
namespace {

using E = SyncEvent;
using S = SyncState;

struct Row {
  S before;
  E event;
  S while_pending;  // sources not yet in sync
  S once_synced;
};

constexpr Row kRows[] = {
    {S::kDisconnected, E::kConnected, S::kDumping, S::kDumping},
    {S::kDisconnected, E::kDisconnected, S::kDisconnected, S::kDisconnected},
    {S::kDisconnected, E::kFlowsDumped, S::kDisconnected, S::kDisconnected},
    {S::kDisconnected, E::kCommitFailed, S::kDisconnected, S::kDisconnected},
    {S::kDisconnected, E::kSourcesSynced, S::kDisconnected, S::kDisconnected},

    {S::kDumping, E::kConnected, S::kDumping, S::kDumping},
    {S::kDumping, E::kDisconnected, S::kDisconnected, S::kDisconnected},
    {S::kDumping, E::kFlowsDumped, S::kWaitingForSources, S::kInSync},
    {S::kDumping, E::kCommitFailed, S::kDumping, S::kDumping},
    {S::kDumping, E::kSourcesSynced, S::kDumping, S::kDumping},

    {S::kWaitingForSources, E::kConnected, S::kDumping, S::kDumping},
    {S::kWaitingForSources, E::kDisconnected, S::kDisconnected, S::kDisconnected},
    {S::kWaitingForSources, E::kFlowsDumped, S::kWaitingForSources, S::kWaitingForSources},
    {S::kWaitingForSources, E::kCommitFailed, S::kDumping, S::kDumping},
    {S::kWaitingForSources, E::kSourcesSynced, S::kInSync, S::kInSync},

    {S::kInSync, E::kConnected, S::kDumping, S::kDumping},
    {S::kInSync, E::kDisconnected, S::kDisconnected, S::kDisconnected},
    {S::kInSync, E::kFlowsDumped, S::kInSync, S::kInSync},
    {S::kInSync, E::kCommitFailed, S::kDumping, S::kDumping},
    {S::kInSync, E::kSourcesSynced, S::kInSync, S::kInSync},
};

TEST(SyncStateTest, EveryStateAndEvent) {
  std::set<std::pair<S, E>> seen;
  for (const Row& row : kRows) {
    seen.emplace(row.before, row.event);
    EXPECT_EQ(Next(row.before, row.event, Sources::kPending), row.while_pending)
        << ToString(row.before) << ", event " << static_cast<int>(row.event);
    EXPECT_EQ(Next(row.before, row.event, Sources::kSynced), row.once_synced)
        << ToString(row.before) << ", event " << static_cast<int>(row.event);
  }
  EXPECT_EQ(seen.size(), 4u * 5u);
}

}  // namespace
}  // namespace sluice::reconcile
