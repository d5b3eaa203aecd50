// StrongId: an integer with a meaning, so that an ofport is never passed where a class id belongs.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace sluice {

template <typename Tag, typename Rep = uint32_t>
struct StrongId {
  Rep value = 0;

  friend constexpr auto operator<=>(const StrongId&, const StrongId&) = default;
};

using OfPort = StrongId<struct OfPortTag>;

}  // namespace sluice

template <typename Tag, typename Rep>
struct std::hash<sluice::StrongId<Tag, Rep>> {
  size_t operator()(const sluice::StrongId<Tag, Rep>& id) const {
    return std::hash<Rep>()(id.value);
  }
};
