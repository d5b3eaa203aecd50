// A list that was appended to as a set is inserted into, made a set.
#pragma once

#include <algorithm>
#include <functional>

namespace sluice::policy {

template <typename List, typename Less = std::less<>>
void SortUnique(List& values, Less less = {}) {
  std::sort(values.begin(), values.end(), less);
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace sluice::policy
