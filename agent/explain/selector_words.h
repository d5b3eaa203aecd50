// Why a label selector does not match, in words.
#pragma once

#include <string>

#include "agent/store/objects.h"

namespace sluice::explain {

// "{}" for the selector that matches everything.
std::string ToWords(const store::LabelSelector& selector);

// The first requirement that the labels miss: "has role=batch", "has no label role". "" if the
// selector matches.
std::string FirstMiss(const store::LabelSelector& selector, const store::Labels& labels);

}  // namespace sluice::explain
