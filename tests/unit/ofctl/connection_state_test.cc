#include "ofctl/connection_state.h"

namespace sluice::ofctl {
namespace {

using S = ConnectionState;
using E = ConnectionEvent;

// Every pair of state and event; what is not said cannot happen.
static_assert(Next(S::kDisconnected, E::kDial) == S::kConnecting);
static_assert(Next(S::kConnecting, E::kDial) == std::nullopt);
static_assert(Next(S::kNegotiating, E::kDial) == std::nullopt);
static_assert(Next(S::kUp, E::kDial) == std::nullopt);

static_assert(Next(S::kDisconnected, E::kConnected) == std::nullopt);
static_assert(Next(S::kConnecting, E::kConnected) == S::kNegotiating);
static_assert(Next(S::kNegotiating, E::kConnected) == std::nullopt);
static_assert(Next(S::kUp, E::kConnected) == std::nullopt);

static_assert(Next(S::kDisconnected, E::kAgreed) == std::nullopt);
static_assert(Next(S::kConnecting, E::kAgreed) == std::nullopt);
static_assert(Next(S::kNegotiating, E::kAgreed) == S::kUp);
static_assert(Next(S::kUp, E::kAgreed) == std::nullopt);

static_assert(Next(S::kDisconnected, E::kFailed) == std::nullopt);
static_assert(Next(S::kConnecting, E::kFailed) == S::kDisconnected);
static_assert(Next(S::kNegotiating, E::kFailed) == S::kDisconnected);
static_assert(Next(S::kUp, E::kFailed) == S::kDisconnected);

}  // namespace
}  // namespace sluice::ofctl
