// SyncState: how much the agent knows about what the switch holds.
//
//   kDisconnected ──connected──► kDumping ──flows dumped──► kWaitingForSources ──sources──► kInSync
//        ▲                          ▲  ▲                            │ (sources are in sync already)
//        └── disconnected (any) ──  │  └── commit failed ── kInSync ◄┘
//
// Nothing is written before kInSync: an agent that has not heard all its sources yet would take
// away what its predecessor rightly installed.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::reconcile {

enum class SyncState : uint8_t { kDisconnected, kDumping, kWaitingForSources, kInSync };
enum class SyncEvent : uint8_t {
  kConnected,
  kDisconnected,
  kFlowsDumped,
  kCommitFailed,
  kSourcesSynced,
};
enum class Sources : uint8_t { kPending, kSynced };  // a level: it survives a reconnect

constexpr SyncState Next(SyncState state, SyncEvent event, Sources sources) {
  switch (event) {
    case SyncEvent::kDisconnected:
      return SyncState::kDisconnected;
    case SyncEvent::kConnected:
      return SyncState::kDumping;
    case SyncEvent::kCommitFailed:
      return state == SyncState::kDisconnected ? state : SyncState::kDumping;
    case SyncEvent::kFlowsDumped:
      if (state != SyncState::kDumping) return state;  // an answer from before a reconnect
      return sources == Sources::kSynced ? SyncState::kInSync : SyncState::kWaitingForSources;
    case SyncEvent::kSourcesSynced:
      return state == SyncState::kWaitingForSources ? SyncState::kInSync : state;
  }
  return state;
}
// After a reconnect nobody announces the sources again.
static_assert(Next(SyncState::kDumping, SyncEvent::kFlowsDumped, Sources::kSynced) ==
              SyncState::kInSync);

constexpr std::string_view ToString(SyncState state) {
  switch (state) {
    case SyncState::kDisconnected:
      return "disconnected";
    case SyncState::kDumping:
      return "dumping";
    case SyncState::kWaitingForSources:
      return "waiting-for-sources";
    case SyncState::kInSync:
      return "in-sync";
  }
  return "?";
}

}  // namespace sluice::reconcile
