// The states of a connection, and what leads from one to the next. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::ofctl {

enum class ConnectionState : uint8_t {
  kDisconnected,  // waiting for the next try, or stopped
  kConnecting,
  kNegotiating,  // hello sent, the switch's not seen
  kUp,
};

enum class ConnectionEvent : uint8_t {
  kDial,
  kConnected,
  kAgreed,  // the switch's hello offers our version
  kFailed,
};

// Absent: the event cannot happen in that state.
constexpr std::optional<ConnectionState> Next(ConnectionState state, ConnectionEvent event) {
  using S = ConnectionState;
  switch (event) {
    case ConnectionEvent::kDial:
      if (state == S::kDisconnected) return S::kConnecting;
      break;
    case ConnectionEvent::kConnected:
      if (state == S::kConnecting) return S::kNegotiating;
      break;
    case ConnectionEvent::kAgreed:
      if (state == S::kNegotiating) return S::kUp;
      break;
    case ConnectionEvent::kFailed:
      if (state != S::kDisconnected) return S::kDisconnected;
      break;
  }
  return std::nullopt;
}

constexpr std::string_view ToString(ConnectionState state) {
  switch (state) {
    case ConnectionState::kDisconnected:
      return "disconnected";
    case ConnectionState::kConnecting:
      return "connecting";
    case ConnectionState::kNegotiating:
      return "negotiating";
    case ConnectionState::kUp:
      return "up";
  }
  return "";
}

}  // namespace sluice::ofctl
