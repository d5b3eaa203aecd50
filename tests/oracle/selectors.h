// Rules 15, 16, 19 and 20: what a LabelSelector says of labels.
#pragma once

#include "agent/store/objects.h"

namespace sluice::oracle {

// Rule 15: all of them must hold. None: everything is selected.
bool Selects(const store::LabelSelector& selector, const store::Labels& labels);

}  // namespace sluice::oracle
