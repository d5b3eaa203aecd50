// SelectorPool: selectors that say the same share one text. A cluster's policies ask for the same
// few labels in every namespace.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>

#include "agent/store/objects.h"

namespace sluice::store {

class SelectorPool {
 public:
  // Every selector of the policy becomes one of the pool's.
  void Share(NetworkPolicy& policy);
  size_t size() const { return selectors_.size(); }

 private:
  struct Hash {
    size_t operator()(const LabelSelector& selector) const { return selector.hash(); }
  };

  void Share(LabelSelector& selector);

  boost::unordered_flat_set<LabelSelector, Hash> selectors_;
  size_t sweep_at_ = 64;  // so many: look for those nobody else holds any more
};

}  // namespace sluice::store
