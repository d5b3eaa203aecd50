// Beat: the moments at which a process looks after what it looks at only now and then. Timers that
// are set to one beat expire together, so that an idle process wakes once for all of them.
#pragma once

#include <chrono>

namespace sluice {

inline constexpr std::chrono::milliseconds kBeat = std::chrono::seconds(15);

// The first moment of the beat that is not before `earliest`.
constexpr std::chrono::steady_clock::time_point OnBeat(
    std::chrono::steady_clock::time_point earliest, std::chrono::milliseconds beat = kBeat) {
  const auto past = earliest.time_since_epoch() % beat;
  return past == past.zero() ? earliest : earliest + (beat - past);
}

}  // namespace sluice
